/** @import { Robot } from "../api-types.d.ts" */
import { call, get, path } from "../api.js";
import { confirmDialog, formDialog, tellDialog } from "../parts/dialog.js";
import { badge, button, h } from "../parts/dom.js";
import { command, empty } from "../parts/empty.js";
import { numberOf, textOf } from "../parts/form.js";
import { age } from "../parts/format.js";
import { heading } from "../parts/heading.js";
import { getProject, projectFrame, section } from "../parts/project-frame.js";
import { table } from "../parts/table.js";
import { reload } from "../router.js";

const ROLES = ["guest", "developer", "maintainer"];

/** @param {{ name: string, secret: string }} robot */
const tell = ({ name, secret }) =>
  tellDialog(`Secret of ${name}`, "It is shown this once. Sign the machine in with:", [
    command(`docker login -u '${name}' ${location.host}`),
    h("p", {}, "and this password:"),
    command(secret),
  ]);

/** @param {string} base */
const create = (base) =>
  formDialog({
    title: "New robot",
    submit: "Create",
    fields: [
      { name: "name", label: "Name", required: true, autocomplete: "off", placeholder: "ci" },
      {
        name: "role",
        label: "Role",
        type: "select",
        options: ROLES,
        value: "developer",
        hint: "Guests pull, developers push, maintainers delete.",
      },
      { name: "days", label: "Ends after days", type: "number", min: 1, hint: "Empty: never." },
      { name: "description", label: "What it is for" },
    ],
    action: async (data) => {
      const description = textOf(data, "description") || undefined;
      const robot = {
        name: textOf(data, "name"),
        role: textOf(data, "role"),
        description,
        expiresInDays: numberOf(data, "days"),
      };
      const made = await call("POST", base, robot);
      reload();
      tell(made);
    },
  });

/** @param {string} base @param {Robot} robot */
const renew = (base, { id, name }) =>
  confirmDialog({
    title: `New secret for ${name}`,
    text: "The secret it has now stops working.",
    submit: "Make a new secret",
    action: async () => tell(await call("POST", `${base}/${id}/secret`)),
  });

/** @param {string} base @param {Robot} robot */
const remove = (base, { id, name }) =>
  confirmDialog({
    title: `Delete ${name}`,
    text: "Whatever signs in as this robot is refused from then on.",
    submit: "Delete",
    action: async () => {
      await call("DELETE", `${base}/${id}`);
      reload();
    },
  });

/** @param {string} base @param {Robot} robot */
async function toggle(base, { id, disabled }) {
  await call("PATCH", `${base}/${id}`, { disabled: !disabled });
  reload();
}

/** @param {string} base @param {Robot} robot */
const actions = (base, robot) =>
  h(
    "span",
    { class: "actions" },
    button(robot.disabled ? "Enable" : "Disable", () => void toggle(base, robot), {
      "aria-label": `${robot.disabled ? "Enable" : "Disable"} ${robot.name}`,
    }),
    button("New secret", () => renew(base, robot), { "aria-label": `New secret for ${robot.name}` }),
    button("Delete", () => remove(base, robot), { class: "danger", "aria-label": `Delete ${robot.name}` }),
  );

/** @param {Robot} robot */
function state({ disabled, expires }) {
  if (disabled) return badge("disabled", "bad");
  return expires !== null && expires < Date.now() ? badge("ended", "bad") : badge("in use", "good");
}

/** @param {string} base @param {readonly Robot[]} items */
const list = (base, items) =>
  items.length === 0
    ? empty("No machine has an account here yet.")
    : table(
        "Robots",
        [
          {
            label: "Robot",
            cell: ({ name, description }) => [
              h("code", {}, name),
              description && h("div", { class: "quiet" }, description),
            ],
          },
          { label: "Role", cell: ({ role }) => role },
          { label: "State", cell: state },
          { label: "Ends", cell: ({ expires }) => age(expires) },
          { label: "Seen", cell: ({ seen }) => age(seen) },
          { label: "Actions", cell: (robot) => actions(base, robot) },
        ],
        items,
      );

/** Robots of a project, or those of all projects. @type {import("../router.js").View} */
export async function show({ params, signal }) {
  const project = params.project ? await getProject(params.project, signal) : undefined;
  const base = project ? path`/projects/${project.name}/robots` : "/robots";
  const { items } = await get(base, signal);
  const add = button("New robot", () => create(base), { class: "primary" });
  if (project)
    return {
      title: `Robots of ${project.name}`,
      content: projectFrame(project, section("Robots", [add], list(base, items))),
    };
  const about = h(
    "p",
    { class: "quiet" },
    "Accounts of machines with a role in every project. A project's own robots are in the project.",
  );
  return { title: "Robots", content: h("div", {}, heading("Robots", add), about, list(base, items)) };
}
