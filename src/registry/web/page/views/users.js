/** @import { User } from "../api-types.d.ts" */
import { call, current, get, path } from "../api.js";
import { confirmDialog, formDialog } from "../parts/dialog.js";
import { badge, button, h } from "../parts/dom.js";
import { empty } from "../parts/empty.js";
import { textOf } from "../parts/form.js";
import { age } from "../parts/format.js";
import { heading } from "../parts/heading.js";
import { notice } from "../parts/notice.js";
import { ROLES_HINT } from "../parts/roles.js";
import { table } from "../parts/table.js";
import { reload } from "../router.js";

const PASSWORD = {
  name: "password",
  label: "Password",
  type: "password",
  required: true,
  minlength: 8,
  autocomplete: "new-password",
  hint: "At least 8 characters.",
};
const ADMIN = { name: "admin", label: "Administrator of the registry", type: "checkbox" };
const EMAIL = { name: "email", label: "E-mail", type: "email", autocomplete: "off" };

const create = () =>
  formDialog({
    title: "New user",
    submit: "Create",
    fields: [{ name: "name", label: "Name", required: true, autocomplete: "off" }, PASSWORD, EMAIL, ADMIN],
    action: async (data) => {
      const name = textOf(data, "name");
      const email = textOf(data, "email") || undefined;
      await call("POST", "/users", {
        name,
        password: String(data.get("password")),
        email,
        admin: data.has("admin"),
      });
      notice(`${name} may sign in`);
      reload();
    },
  });

/** @param {User} user */
const edit = (user) =>
  formDialog({
    title: `Change ${user.name}`,
    submit: "Change",
    fields: [
      { ...EMAIL, value: user.email ?? "" },
      { ...ADMIN, value: user.admin },
      { name: "disabled", label: "Disabled: may not sign in", type: "checkbox", value: user.disabled },
    ],
    action: async (data) => {
      const change = {
        email: textOf(data, "email"),
        admin: data.has("admin"),
        disabled: data.has("disabled"),
      };
      await call("PATCH", path`/users/${user.name}`, change);
      reload();
    },
  });

/** @param {User} user */
const resetPassword = ({ name }) =>
  formDialog({
    title: `New password for ${name}`,
    text: "Their sessions and tokens end.",
    submit: "Set the password",
    fields: [PASSWORD],
    action: async (data) => {
      await call("PUT", path`/users/${name}/password`, { password: String(data.get("password")) });
      notice(`${name} has a new password`);
      reload();
    },
  });

/** @param {User} user */
const remove = ({ name }) =>
  confirmDialog({
    title: `Delete ${name}`,
    text: "The account goes, with its roles. What they pushed and the audit trail stay.",
    submit: "Delete",
    action: async () => {
      await call("DELETE", path`/users/${name}`);
      reload();
    },
  });

const importHtpasswd = () =>
  formDialog({
    title: "Import an htpasswd file",
    text: "Who has an account already keeps it as it is.",
    submit: "Import",
    fields: [
      {
        name: "htpasswd",
        label: "The file's lines",
        type: "area",
        required: true,
        placeholder: "name:$2y$...",
      },
    ],
    action: async (data) => {
      const { created, skipped } = await call("POST", "/users/import", {
        htpasswd: String(data.get("htpasswd")),
      });
      notice(`${created.length} made, ${skipped} were there already`);
      reload();
    },
  });

/** @param {User} user */
const actions = (user) =>
  h(
    "span",
    { class: "actions" },
    button("Change", () => edit(user), { "aria-label": `Change ${user.name}` }),
    button("Password", () => resetPassword(user), { "aria-label": `New password for ${user.name}` }),
    user.name !== current().user?.name &&
      button("Delete", () => remove(user), { class: "danger", "aria-label": `Delete ${user.name}` }),
  );

/** @type {readonly import("../parts/table.js").Column<User>[]} */
const COLUMNS = [
  { label: "User", cell: ({ name, email }) => [name, email && h("div", { class: "quiet" }, email)] },
  { label: "Role", cell: ({ admin }) => (admin ? badge("administrator", "good") : "user") },
  { label: "State", cell: ({ disabled }) => (disabled ? badge("disabled", "bad") : "active") },
  { label: "Made", cell: ({ created }) => age(created) },
  { label: "Seen", cell: ({ seen }) => age(seen) },
  { label: "Actions", cell: actions },
];

/** @type {import("../router.js").View} */
export async function show({ signal }) {
  const { items } = await get("/users", signal);
  const about = h(
    "p",
    { class: "quiet" },
    `Administrators may do everything. Others have a role in each project, given under its members: ${ROLES_HINT}`,
  );
  const nothing = empty(
    "There is no account: the registry is open to everybody.",
    "wharf registry user add --data DIR --admin NAME",
  );
  const content = h(
    "div",
    {},
    heading("Users", button("Import", importHtpasswd), button("New user", create, { class: "primary" })),
    about,
    items.length > 0 ? table("Users", COLUMNS, items) : nothing,
  );
  return { title: "Users", content };
}
