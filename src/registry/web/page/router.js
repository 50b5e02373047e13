/**
 * Where the reader is: parameters of the path, the query, and a signal that ends when they leave.
 * @typedef {{ params: Record<string, string>, query: URLSearchParams, signal: AbortSignal }} Place
 * @typedef {{ title: string, content: Node }} Shown
 * @typedef {(place: Place) => Promise<Shown>} View
 * @typedef {{ pattern: string, view: () => Promise<{ show: View }> }} Route
 */

/** @param {string} text */
function decode(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/**
 * "{name}" is one part of the path, "{repository}" has slashes.
 * @param {string} pattern
 * @param {string} path
 * @returns {Record<string, string> | undefined}
 */
function match(pattern, path) {
  const source = pattern.replace(/\{(\w+)\}/g, (_, name) =>
    name === "repository" ? `(?<${name}>.+)` : `(?<${name}>[^/]+)`,
  );
  const found = new RegExp(`^${source}/?$`).exec(path);
  if (!found) return undefined;
  return Object.fromEntries(Object.entries(found.groups ?? {}).map(([name, value]) => [name, decode(value)]));
}

/**
 * The first route that fits the address.
 * @param {readonly Route[]} routes
 * @param {string} path
 */
export function findRoute(routes, path) {
  for (const route of routes) {
    const params = match(route.pattern, path);
    if (params) return { route, params };
  }
  return undefined;
}

const CHANGED = "wharf:place";

/** Goes to an address of the page. @param {string} address */
export function go(address) {
  history.pushState(null, "", address);
  dispatchEvent(new Event(CHANGED));
}

/** Shows the same address again, after something changed. */
export const reload = () => dispatchEvent(new Event(CHANGED));

/**
 * Calls `arrive` for every address the reader comes to. Links into the page do not load it again.
 * @param {() => void} arrive
 */
export function listen(arrive) {
  addEventListener("popstate", arrive);
  addEventListener(CHANGED, arrive);
  document.addEventListener("click", (event) => {
    const link = event.target instanceof Element ? event.target.closest("a") : null;
    if (!link || event.button !== 0 || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey)
      return;
    const inPage = link.pathname === "/" || link.pathname.startsWith("/ui/");
    if (link.origin !== location.origin || !inPage || link.target || link.hash) return;
    event.preventDefault();
    go(link.pathname + link.search);
  });
}
