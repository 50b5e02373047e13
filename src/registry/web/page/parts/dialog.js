import { button, h } from "./dom.js";
import { form, textOf } from "./form.js";

/**
 * A dialog over the page; Escape closes it, and the focus goes back to where it was.
 * @param {string} title
 * @param {(close: () => void) => readonly import("./dom.js").Child[]} content
 */
export function dialog(title, content) {
  const before = document.activeElement;
  const element = h("dialog", { "aria-labelledby": "dialog-title" });
  const close = () => element.close();
  element.append(h("h2", { id: "dialog-title" }, title), h("div", {}, ...content(close)));
  element.addEventListener("close", () => {
    element.remove();
    if (before instanceof HTMLElement && before.isConnected) before.focus();
  });
  document.body.append(element);
  element.showModal();
}

/**
 * A dialog with a form, closed when its action has held.
 * @param {{ title: string, text?: string, fields: readonly import("./form.js").Field[], submit: string, action: (data: FormData) => Promise<unknown> }} options
 */
export function formDialog({ title, text, fields, submit, action }) {
  dialog(title, (close) => [
    text && h("p", {}, text),
    form(fields, {
      submit,
      cancel: close,
      action: async (data) => {
        await action(data);
        close();
      },
    }),
  ]);
}

/**
 * Asks before something is destroyed; with `word`, for that to be typed.
 * @param {{ title: string, text: string, submit: string, word?: string, action: () => Promise<unknown> }} options
 */
export function confirmDialog({ title, text, submit, word, action }) {
  const fields =
    word === undefined
      ? []
      : [{ name: "word", label: `Type ${word} to go on`, required: true, autocomplete: "off" }];
  dialog(title, (close) => [
    h("p", {}, text),
    form(fields, {
      submit,
      danger: true,
      cancel: close,
      action: async (data) => {
        if (word !== undefined && textOf(data, "word") !== word) throw new Error(`that is not "${word}"`);
        await action();
        close();
      },
    }),
  ]);
}

/**
 * A secret that the registry tells once.
 * @param {string} title @param {string} text @param {readonly Node[]} content
 */
export function tellDialog(title, text, content) {
  dialog(title, (close) => [
    h("p", {}, text),
    ...content,
    h("div", { class: "buttons" }, button("Done", close, { class: "primary" })),
  ]);
}
