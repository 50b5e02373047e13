import { administers, call, current } from "../api.js";
import { go } from "../router.js";
import { button, h } from "./dom.js";

const PLACES = [
  ["Projects", "/ui/projects"],
  ["Users", "/ui/users"],
  ["Robots", "/ui/robots"],
  ["Audit", "/ui/audit"],
  ["Statistics", "/ui/statistics"],
  ["Garbage collection", "/ui/collections"],
];

/** @param {string} href */
function here(href) {
  const path = location.pathname;
  const projects = href === "/ui/projects" && (path === "/" || path.startsWith("/ui/repositories/"));
  return projects || path === href || path.startsWith(`${href}/`);
}

/** @param {readonly string[]} place */
const item = ([label, href]) =>
  h("li", {}, h("a", { href, "aria-current": here(href) ? "page" : false }, label));

async function signOut() {
  await call("DELETE", "/session");
  go("/ui/sign-in");
}

function account() {
  const { user, open, setup } = current();
  if (user)
    return [
      h("a", { href: "/ui/account", "aria-current": here("/ui/account") ? "page" : false }, user.name),
      button("Sign out", () => void signOut(), { class: "plain" }),
    ];
  if (setup) return [h("a", { href: "/ui/set-up" }, "Set up")];
  return open ? [] : [h("a", { href: "/ui/sign-in" }, "Sign in")];
}

/** The line at the top: where one can go, and who one is. */
export function showHeader() {
  const places = administers() ? PLACES : PLACES.slice(0, 1);
  document
    .getElementById("header")
    ?.replaceChildren(
      h(
        "a",
        { class: "brand", href: "/" },
        h("img", { src: "/static/icon.svg", alt: "", width: 24, height: 24 }),
        "Registry",
      ),
      h("nav", { "aria-label": "Registry" }, h("ul", {}, places.map(item))),
      h("div", { class: "account" }, ...account()),
    );
}
