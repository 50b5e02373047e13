/** @typedef {{ user: string, role: string }} Member */
import { call, get, path } from "../api.js";
import { confirmDialog, formDialog } from "../parts/dialog.js";
import { button, h } from "../parts/dom.js";
import { empty } from "../parts/empty.js";
import { textOf } from "../parts/form.js";
import { notice } from "../parts/notice.js";
import { getProject, projectFrame, section } from "../parts/project-frame.js";
import { ROLES, ROLES_HINT } from "../parts/roles.js";
import { table } from "../parts/table.js";
import { reload } from "../router.js";

/** @param {string} project @param {Member} [member] */
const setMember = (project, member) =>
  formDialog({
    title: member ? `Role of ${member.user}` : "Add a member",
    submit: member ? "Change" : "Add",
    fields: [
      ...(member ? [] : [{ name: "user", label: "User", required: true, autocomplete: "off" }]),
      {
        name: "role",
        label: "Role",
        type: "select",
        options: ROLES,
        value: member?.role ?? "developer",
        hint: ROLES_HINT,
      },
    ],
    action: async (data) => {
      const user = member?.user ?? textOf(data, "user");
      await call("PUT", path`/projects/${project}/members/${user}`, { role: textOf(data, "role") });
      notice(`${user} is ${textOf(data, "role")}`);
      reload();
    },
  });

/** @param {string} project @param {string} user */
const remove = (project, user) =>
  confirmDialog({
    title: `Remove ${user}`,
    text: `${user} loses their role in ${project}.`,
    submit: "Remove",
    action: async () => {
      await call("DELETE", path`/projects/${project}/members/${user}`);
      reload();
    },
  });

/** @type {import("../router.js").View} */
export async function show({ params, signal }) {
  const project = await getProject(params.project, signal);
  /** @type {{ items: Member[] }} */
  const { items } = await get(path`/projects/${project.name}/members`, signal);
  const may = project.actions.includes("project:members");
  /** @type {readonly import("../parts/table.js").Column<Member>[]} */
  const columns = [
    { label: "User", cell: ({ user }) => user },
    { label: "Role", cell: ({ role }) => role },
    {
      label: "Actions",
      hidden: !may,
      cell: (member) =>
        h(
          "span",
          { class: "actions" },
          button("Change", () => setMember(project.name, member), {
            "aria-label": `Change the role of ${member.user}`,
          }),
          button("Remove", () => remove(project.name, member.user), {
            class: "danger",
            "aria-label": `Remove ${member.user}`,
          }),
        ),
    },
  ];
  const add = may && button("Add a member", () => setMember(project.name), { class: "primary" });
  const list =
    items.length > 0
      ? table("Members", columns, items)
      : empty("Nobody has a role here but the registry's administrators.");
  return {
    title: `Members of ${project.name}`,
    content: projectFrame(project, section("Members", [add], list)),
  };
}
