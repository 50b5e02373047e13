import { button, h } from "./dom.js";
import { notice } from "./notice.js";

/** A command line, ready to copy. @param {string} text */
export function command(text) {
  const copy = async () => {
    await navigator.clipboard.writeText(text);
    notice("Copied");
  };
  // browsers give pages without TLS no clipboard
  const able = "clipboard" in navigator;
  return h(
    "div",
    { class: "command" },
    h("code", { tabindex: 0 }, text),
    able && button("Copy", () => void copy(), { class: "plain", "aria-label": `Copy ${text}` }),
  );
}

/**
 * There is nothing here yet, and what to do about it.
 * @param {string} text
 * @param {...string} commands
 */
export const empty = (text, ...commands) =>
  h("div", { class: "empty" }, h("p", {}, text), ...commands.map(command));
