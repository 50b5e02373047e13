import { h } from "./dom.js";

const SHOWN = 6_000;

/** Says in a corner, and to screen readers, what was done. @param {string} text */
export function notice(text) {
  const place = document.getElementById("notices");
  const line = h("p", { class: "notice" }, text);
  place?.append(line);
  setTimeout(() => line.remove(), SHOWN);
}

/** What the registry refused, in its words. @param {string} text */
export const problem = (text) => h("p", { class: "problem", role: "alert" }, text);
