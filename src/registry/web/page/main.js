import { ApiError, current, refreshSession } from "./api.js";
import { h } from "./parts/dom.js";
import { showHeader } from "./parts/header.js";
import { heading } from "./parts/heading.js";
import { notice, problem } from "./parts/notice.js";
import { findRoute, go, listen } from "./router.js";

/** @type {readonly import("./router.js").Route[]} */
const ROUTES = [
  { pattern: "/", view: () => import("./views/projects.js") },
  { pattern: "/ui/sign-in", view: () => import("./views/sign-in.js") },
  { pattern: "/ui/set-up", view: () => import("./views/set-up.js") },
  { pattern: "/ui/account", view: () => import("./views/account.js") },
  { pattern: "/ui/projects", view: () => import("./views/projects.js") },
  { pattern: "/ui/projects/{project}", view: () => import("./views/repositories.js") },
  { pattern: "/ui/projects/{project}/members", view: () => import("./views/members.js") },
  { pattern: "/ui/projects/{project}/robots", view: () => import("./views/robots.js") },
  { pattern: "/ui/projects/{project}/rules", view: () => import("./views/rules.js") },
  { pattern: "/ui/projects/{project}/webhooks", view: () => import("./views/webhooks.js") },
  { pattern: "/ui/projects/{project}/audit", view: () => import("./views/audit.js") },
  { pattern: "/ui/projects/{project}/settings", view: () => import("./views/settings.js") },
  { pattern: "/ui/repositories/{repository}/-/{reference}", view: () => import("./views/image.js") },
  { pattern: "/ui/repositories/{repository}", view: () => import("./views/tags.js") },
  { pattern: "/ui/users", view: () => import("./views/users.js") },
  { pattern: "/ui/robots", view: () => import("./views/robots.js") },
  { pattern: "/ui/audit", view: () => import("./views/audit.js") },
  { pattern: "/ui/statistics", view: () => import("./views/statistics.js") },
  { pattern: "/ui/collections", view: () => import("./views/collections.js") },
];

const main = /** @type {HTMLElement} */ (document.getElementById("main"));
let shownPath = "";
let leaving = new AbortController();

/** @param {string} path the address, to come back to after signing in */
function signInPlace(path) {
  const from = path === "/" ? "" : `?from=${encodeURIComponent(path)}`;
  return `/ui/sign-in${from}`;
}

/** Where somebody must go first: to the set-up, or to the sign-in. @param {string} path */
function detour(path) {
  const { setup, open, user } = current();
  if (path !== "/") return undefined;
  if (setup) return "/ui/set-up";
  return open || user ? undefined : "/ui/sign-in";
}

/** @param {unknown} error @returns {import("./router.js").Shown} */
function failed(error) {
  const missing = error instanceof ApiError && error.status === 404;
  const title = missing ? "Not found" : "This cannot be shown";
  const message = error instanceof Error ? error.message : String(error);
  return {
    title,
    content: h(
      "div",
      {},
      heading(title),
      problem(message),
      h("p", {}, h("a", { href: "/ui/projects" }, "All projects")),
    ),
  };
}

/** @param {AbortSignal} signal @returns {Promise<import("./router.js").Shown>} */
async function find(signal) {
  const found = findRoute(ROUTES, location.pathname);
  if (!found) return failed(new ApiError(404, "there is no such page"));
  const { show } = await found.route.view();
  return show({ params: found.params, query: new URLSearchParams(location.search), signal });
}

/** Shows what the address says, and puts the reader's focus there. */
async function arrive() {
  leaving.abort();
  leaving = new AbortController();
  const { signal } = leaving;
  const path = location.pathname + location.search;
  main.setAttribute("aria-busy", "true");
  /** @type {import("./router.js").Shown} */
  let shown;
  try {
    await refreshSession();
    const first = detour(location.pathname);
    if (first) history.replaceState(null, "", first);
    shown = await find(signal);
  } catch (error) {
    if (signal.aborted) return;
    if (error instanceof ApiError && error.status === 401) return go(signInPlace(path));
    shown = failed(error);
  }
  if (signal.aborted) return;
  showHeader();
  main.replaceChildren(shown.content);
  main.removeAttribute("aria-busy");
  if (path !== shownPath) scrollTo(0, 0);
  shownPath = path;
  document.title = `${shown.title} · Registry`;
  const focus = main.querySelector("[autofocus]") ?? main;
  if (focus instanceof HTMLElement) focus.focus({ preventScroll: focus === main });
}

// a button whose request was refused says why
addEventListener("unhandledrejection", ({ reason }) =>
  notice(reason instanceof Error ? reason.message : String(reason)),
);
listen(() => void arrive());
void arrive();
