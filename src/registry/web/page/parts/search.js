import { go } from "../router.js";
import { h } from "./dom.js";

/** A search over a list, kept in the address. @param {string} label @param {string} value */
export function search(label, value) {
  const submit = (/** @type {SubmitEvent} */ event) => {
    event.preventDefault();
    const text = input.value.trim();
    go(location.pathname + (text && `?search=${encodeURIComponent(text)}`));
  };
  const input = h("input", {
    type: "search",
    "aria-label": label,
    placeholder: label,
    value,
    spellcheck: "false",
  });
  return h(
    "form",
    { class: "search", role: "search", on: { submit } },
    input,
    h("button", { type: "submit" }, "Search"),
  );
}
