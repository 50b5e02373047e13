import { h, link } from "./dom.js";

/**
 * The page's title, with what can be done here beside it.
 * @param {string} title
 * @param {...import("./dom.js").Child} actions
 */
export const heading = (title, ...actions) =>
  h("div", { class: "heading" }, h("h1", {}, title), h("div", { class: "actions" }, ...actions));

/**
 * The way here. @param {readonly (readonly [label: string, href: string])[]} steps
 */
export const trail = (steps) =>
  h(
    "nav",
    { class: "trail", "aria-label": "Where you are" },
    h(
      "ol",
      {},
      steps.map(([label, href]) => h("li", {}, link(href, label))),
    ),
  );
