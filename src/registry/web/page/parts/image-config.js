/** @import { Content, Image, ImageConfig } from "../api-types.d.ts" */
import { h } from "./dom.js";
import { age, shortDigest, size } from "./format.js";
import { facts, table } from "./table.js";

/** @param {unknown} value @returns {Node | string} */
function shown(value) {
  if (Array.isArray(value))
    return h(
      "ul",
      { class: "lines" },
      value.map((entry) => h("li", {}, h("code", {}, String(entry)))),
    );
  if (typeof value === "object" && value !== null) return keys(value);
  return h("code", {}, String(value));
}

/** @param {object} value */
function keys(value) {
  const lines = Object.entries(value).map(([key, inner]) => {
    const plain = inner === null || (typeof inner === "object" && Object.keys(inner).length === 0);
    return `${key}${plain ? "" : `=${typeof inner === "object" ? JSON.stringify(inner) : inner}`}`;
  });
  return shown(lines);
}

/** @param {unknown} value */
const isSet = (value) =>
  value !== null &&
  value !== undefined &&
  value !== "" &&
  value !== false &&
  (typeof value !== "object" || Object.keys(value).length > 0);

/** What a container of the image starts with. @param {ImageConfig} config */
export function configuration({ process, author }) {
  const entries = Object.entries({ ...process, Author: author }).filter(([, value]) => isSet(value));
  if (entries.length === 0) return h("p", { class: "quiet" }, "The image sets nothing.");
  return facts(
    entries.map(([name, value]) => [name, shown(value)]),
    "rows",
  );
}

/** The image's history, with the layer that each step made. @param {Image} image @param {ImageConfig} config */
export function history({ layers }, { history: steps }) {
  let next = 0;
  const rows = steps.map((step) => ({ ...step, layer: step.empty_layer ? undefined : layers[next++] }));
  return table(
    "History",
    [
      {
        label: "Step",
        cell: ({ created_by: by, comment }) => [
          h("code", { class: "long" }, by ?? "–"),
          comment && h("div", { class: "quiet" }, comment),
        ],
      },
      { label: "Made", cell: ({ created }) => age(created, "–") },
      { label: "Layer", number: true, cell: ({ layer }) => (layer ? size(layer.size) : "–") },
    ],
    rows,
  );
}

/** @param {readonly Content[]} items */
export const layersTable = (items) =>
  table(
    "Layers",
    [
      { label: "Digest", cell: ({ digest }) => shortDigest(digest) },
      { label: "Type", cell: ({ mediaType }) => h("span", { class: "long" }, mediaType) },
      { label: "Size", number: true, cell: (layer) => size(layer.size) },
    ],
    items,
  );
