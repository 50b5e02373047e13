import { h } from "./dom.js";

/**
 * @template T
 * @typedef {{ label: string, cell: (item: T) => import("./dom.js").Child | readonly import("./dom.js").Child[], number?: boolean, hidden?: boolean }} Column
 */

/**
 * A table; on a narrow screen each row is a card whose cells carry their column's label.
 * @template T
 * @param {string} caption for screen readers
 * @param {readonly Column<T>[]} columns
 * @param {readonly T[]} items
 */
export function table(caption, columns, items) {
  const shown = columns.filter(({ hidden }) => !hidden);
  const kind = (/** @type {Column<T>} */ { number }) => (number ? "number" : false);
  return h(
    "div",
    { class: "table" },
    h(
      "table",
      {},
      h("caption", {}, caption),
      h(
        "thead",
        {},
        h(
          "tr",
          {},
          shown.map((column) => h("th", { scope: "col", class: kind(column) }, column.label)),
        ),
      ),
      h(
        "tbody",
        {},
        items.map((item) => row(shown, item, kind)),
      ),
    ),
  );
}

/**
 * @template T
 * @param {readonly Column<T>[]} columns
 * @param {T} item
 * @param {(column: Column<T>) => string | false} kind
 */
const row = (columns, item, kind) =>
  h(
    "tr",
    {},
    columns.map((column, index) => {
      const attributes = { "data-label": column.label, class: kind(column) };
      return index === 0
        ? h("th", { scope: "row", ...attributes }, h("div", {}, column.cell(item)))
        : h("td", attributes, h("div", {}, column.cell(item)));
    }),
  );

/**
 * Names and values, side by side; with "rows", long ones below each other.
 * @param {readonly (readonly [string, import("./dom.js").Child | readonly import("./dom.js").Child[]])[]} entries
 * @param {"" | "rows"} [kind]
 */
export const facts = (entries, kind = "") =>
  h(
    "dl",
    { class: `facts ${kind}` },
    entries.map(([name, value]) =>
      h("div", { class: name === "Digest" ? "wide" : false }, h("dt", {}, name), h("dd", {}, value)),
    ),
  );
