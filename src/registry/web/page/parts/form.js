import { h } from "./dom.js";
import { problem } from "./notice.js";

/**
 * @typedef {object} Field
 * @property {string} name
 * @property {string} label
 * @property {string} [type] an input's; or "select", "area", "checks"
 * @property {string} [hint]
 * @property {unknown} [value]
 * @property {readonly string[]} [options] of a select or of checks
 * @property {boolean} [required]
 * @property {string} [autocomplete]
 * @property {string} [pattern]
 * @property {number} [minlength]
 * @property {number} [min]
 * @property {boolean} [autofocus]
 * @property {string} [placeholder]
 */

let made = 0;

/** @param {Field} field @param {string} id */
function control({ name, type = "text", options = [], value, label: _label, hint, ...rest }, id) {
  const attributes = { id, name, "aria-describedby": hint ? `${id}-hint` : false, ...rest };
  if (type === "select")
    return h(
      "select",
      attributes,
      options.map((option) => h("option", { value: option, selected: option === value }, option)),
    );
  if (type === "area")
    return h("textarea", { rows: 4, spellcheck: "false", ...attributes }, String(value ?? ""));
  if (type === "checkbox") return h("input", { type, ...attributes, checked: value === true });
  return h("input", {
    type,
    spellcheck: "false",
    autocapitalize: "none",
    ...attributes,
    value: value ?? false,
  });
}

/** @param {Field} field @param {string} id */
const checks = ({ name, label, options = [], value }, id) =>
  h(
    "fieldset",
    {},
    h("legend", {}, label),
    options.map((option, index) => {
      const checked = Array.isArray(value) && value.includes(option);
      const each = `${id}-${index}`;
      const box = h("input", { type: "checkbox", id: each, name, value: option, checked });
      return h("div", { class: "check" }, box, h("label", { for: each }, option));
    }),
  );

/** A control with its label and hint. @param {Field} field */
export function field(field) {
  const id = `field-${++made}`;
  if (field.type === "checks") return checks(field, id);
  const label = h("label", { for: id }, field.label);
  const hint = field.hint && h("p", { class: "hint", id: `${id}-hint` }, field.hint);
  if (field.type === "checkbox")
    return h("div", {}, h("div", { class: "check" }, control(field, id), label), hint);
  return h("div", { class: "field" }, label, control(field, id), hint);
}

/**
 * A form whose refusal is shown in it, as the registry said it.
 * @param {readonly Field[]} fields
 * @param {{ submit: string, danger?: boolean, cancel?: () => void, action: (data: FormData) => Promise<unknown> }} options
 */
export function form(fields, { submit, danger, cancel, action }) {
  const refusal = h("div", {});
  const send = h("button", { type: "submit", class: danger ? "danger" : "primary" }, submit);
  const run = async (/** @type {SubmitEvent} */ event) => {
    event.preventDefault();
    refusal.replaceChildren();
    send.disabled = true;
    try {
      await action(new FormData(element));
    } catch (error) {
      refusal.replaceChildren(problem(error instanceof Error ? error.message : String(error)));
    } finally {
      send.disabled = false;
    }
  };
  const back = cancel && h("button", { type: "button", on: { click: cancel } }, "Cancel");
  const element = h(
    "form",
    { on: { submit: run } },
    fields.map(field),
    refusal,
    h("div", { class: "buttons" }, send, back),
  );
  return element;
}

/** A field's text without the space around it. @param {FormData} data @param {string} name */
export const textOf = (data, name) => String(data.get(name) ?? "").trim();

/** A field's whole number; undefined where it is empty. @param {FormData} data @param {string} name */
export const numberOf = (data, name) => (textOf(data, name) === "" ? undefined : Number(textOf(data, name)));

/** A field's words, by spaces, commas or lines. @param {FormData} data @param {string} name */
export const wordsOf = (data, name) =>
  textOf(data, name)
    .split(/[\s,]+/)
    .filter(Boolean);
