/** @typedef {Node | string | number | false | null | undefined} Child */

/**
 * An element. Texts become text nodes, so that a name is never markup; `on` has the listeners.
 * @template {keyof HTMLElementTagNameMap} T
 * @param {T} tag
 * @param {Record<string, unknown> & { on?: Record<string, (event: any) => void> }} attributes false, null and undefined are left out
 * @param {...(Child | readonly Child[])} children
 * @returns {HTMLElementTagNameMap[T]}
 */
export function h(tag, attributes, ...children) {
  const element = document.createElement(tag);
  const { on = {}, ...rest } = attributes;
  for (const [name, value] of Object.entries(rest)) {
    if (value === false || value === null || value === undefined) continue;
    element.setAttribute(name, value === true ? "" : String(value));
  }
  for (const [event, listener] of Object.entries(on)) element.addEventListener(event, listener);
  element.append(...nodes(children));
  return element;
}

/** @param {readonly (Child | readonly Child[])[]} children @returns {(Node | string)[]} */
const nodes = (children) =>
  children
    .flat()
    .filter((child) => child !== false && child !== null && child !== undefined)
    .map((child) => (child instanceof Node ? child : String(child)));

/** @param {string} label @param {() => void} click @param {Record<string, unknown>} [attributes] */
export const button = (label, click, attributes = {}) =>
  h("button", { type: "button", ...attributes, on: { click } }, label);

/** @param {string} href @param {...Child} children */
export const link = (href, ...children) => h("a", { href }, ...children);

/** @param {string} text @param {string} [kind] good, bad, or nothing */
export const badge = (text, kind = "") => h("span", { class: `badge ${kind}` }, text);
