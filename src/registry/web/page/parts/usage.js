import { h } from "./dom.js";
import { size } from "./format.js";

/** How much of a quota is used. @param {number} used @param {number | null} quota */
export function usage(used, quota) {
  if (quota === null) return h("span", {}, size(used));
  const text = `${size(used)} of ${size(quota)}`;
  const high = Math.max(1, Math.round(quota * 0.9));
  const meter = h("meter", {
    min: 0,
    max: Math.max(1, quota),
    high,
    value: Math.min(used, quota),
    "aria-label": text,
  });
  return h("span", { class: "usage" }, text, meter);
}
