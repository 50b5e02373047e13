import { call, current } from "../api.js";
import { h, link } from "../parts/dom.js";
import { command } from "../parts/empty.js";
import { form, textOf } from "../parts/form.js";
import { go } from "../router.js";

const FIELDS = [
  { name: "name", label: "Name", required: true, autocomplete: "username", autofocus: true },
  {
    name: "password",
    label: "Password",
    type: "password",
    required: true,
    minlength: 8,
    autocomplete: "new-password",
    hint: "At least 8 characters.",
  },
  { name: "again", label: "Password again", type: "password", required: true, autocomplete: "new-password" },
];

/** @param {FormData} data */
async function setUp(data) {
  const password = String(data.get("password"));
  if (password !== data.get("again")) throw new Error("the two passwords differ");
  await call("POST", "/setup", { name: textOf(data, "name"), password });
  go("/ui/projects");
}

/** The first account. @type {import("../router.js").View} */
export async function show() {
  if (!current().setup) throw new Error("the registry has been set up already");
  const content = h(
    "div",
    { class: "card door" },
    h("h1", {}, "Set up this registry"),
    h(
      "p",
      {},
      "It has no account yet: everybody who reaches it may pull, push and delete. The first account is its administrator's, and closes it.",
    ),
    form(FIELDS, { submit: "Create the account", action: setUp }),
    h("p", { class: "quiet" }, "Or on the registry's machine:"),
    command("wharf registry user add --data DIR --admin NAME"),
    h("p", { class: "quiet" }, link("/ui/projects", "Leave it open for now")),
  );
  return { title: "Set up", content };
}
