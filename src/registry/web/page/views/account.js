import { ApiError, call, current } from "../api.js";
import { h } from "../parts/dom.js";
import { form } from "../parts/form.js";
import { age } from "../parts/format.js";
import { heading } from "../parts/heading.js";
import { notice } from "../parts/notice.js";
import { facts } from "../parts/table.js";
import { go } from "../router.js";

const FIELDS = [
  {
    name: "current",
    label: "Current password",
    type: "password",
    required: true,
    autocomplete: "current-password",
  },
  {
    name: "password",
    label: "New password",
    type: "password",
    required: true,
    minlength: 8,
    autocomplete: "new-password",
  },
  {
    name: "again",
    label: "New password again",
    type: "password",
    required: true,
    autocomplete: "new-password",
  },
];

/** @param {FormData} data */
async function change(data) {
  const password = String(data.get("password"));
  if (password !== data.get("again")) throw new Error("the two passwords differ");
  await call("PUT", "/account/password", { current: String(data.get("current")), password });
  notice("The password is changed; other sessions have ended");
  go("/ui/account");
}

/** @type {import("../router.js").View} */
export async function show() {
  const { user } = current();
  if (!user) throw new ApiError(401, "authentication required");
  const content = h(
    "div",
    {},
    heading(user.name),
    facts([
      ["Role", user.admin ? "administrator" : "user"],
      ["E-mail", user.email ?? "none"],
      ["Made", age(user.created)],
    ]),
    h(
      "section",
      { class: "card narrow" },
      h("h2", {}, "Change the password"),
      form(FIELDS, { submit: "Change the password", action: change }),
    ),
  );
  return { title: "Account", content };
}
