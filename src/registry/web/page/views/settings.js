/** @import { Project } from "../api-types.d.ts" */
import { administers, call, path } from "../api.js";
import { confirmDialog } from "../parts/dialog.js";
import { button, h } from "../parts/dom.js";
import { form, numberOf, textOf } from "../parts/form.js";
import { counted, exactSize, parseSize } from "../parts/format.js";
import { notice } from "../parts/notice.js";
import { getProject, projectFrame, section } from "../parts/project-frame.js";
import { go, reload } from "../router.js";

/** @param {Project} project @param {object} change */
async function patch({ name }, change) {
  await call("PATCH", path`/projects/${name}`, change);
  notice("The settings are saved");
  reload();
}

/** @param {Project} project */
const general = (project) =>
  form(
    [
      { name: "public", label: "Public: everybody may pull", type: "checkbox", value: project.public },
      ...(administers()
        ? [
            {
              name: "quota",
              label: "Quota",
              value: project.quota === null ? "" : exactSize(project.quota),
              placeholder: "10 GiB",
              hint: "Empty: no limit.",
            },
          ]
        : []),
    ],
    {
      submit: "Save",
      action: (data) =>
        patch(project, {
          public: data.has("public"),
          ...(data.has("quota") ? { quota: parseSize(textOf(data, "quota")) } : {}),
        }),
    },
  );

/** @param {Project} project */
const proxy = (project) =>
  form(
    [
      {
        name: "upstream",
        label: "Pull-through cache of",
        type: "url",
        value: project.proxy?.upstream ?? "",
        placeholder: "https://registry.example",
        hint: "Empty: a project that takes pushes.",
      },
      { name: "username", label: "Name there", value: project.proxy?.username ?? "", autocomplete: "off" },
      {
        name: "password",
        label: "Password there",
        type: "password",
        autocomplete: "off",
        hint: "Must be given again with each change.",
      },
      {
        name: "freshSeconds",
        label: "Ask again after seconds",
        type: "number",
        min: 0,
        value: project.proxy?.freshSeconds ?? "",
        placeholder: "300",
      },
      {
        name: "expireDays",
        label: "Give up after days without a pull",
        type: "number",
        min: 0,
        value: project.proxy?.expireDays ?? "",
        placeholder: "7",
      },
    ],
    {
      submit: "Save",
      action: (data) => {
        const upstream = textOf(data, "upstream");
        const account = {
          username: textOf(data, "username") || undefined,
          password: textOf(data, "password") || undefined,
        };
        const times = {
          freshSeconds: numberOf(data, "freshSeconds"),
          expireDays: numberOf(data, "expireDays"),
        };
        return patch(project, { proxy: upstream ? { upstream, ...account, ...times } : null });
      },
    },
  );

/** @param {Project} project */
const remove = ({ name, repositories }) =>
  confirmDialog({
    title: `Delete ${name}`,
    text: `The project goes, with ${counted(repositories, "repository", "repositories")}, its members, robots and webhooks. This cannot be taken back.`,
    submit: "Delete the project",
    word: name,
    action: async () => {
      await call("DELETE", path`/projects/${name}` + (repositories > 0 ? "?force=true" : ""));
      notice(`${name} is deleted`);
      go("/ui/projects");
    },
  });

/** @type {import("../router.js").View} */
export async function show({ params, signal }) {
  const project = await getProject(params.project, signal);
  const content = projectFrame(
    project,
    section("Settings", [], h("div", { class: "card narrow" }, general(project))),
    section("Pull-through", [], h("div", { class: "card narrow" }, proxy(project))),
    project.actions.includes("project:delete") &&
      section(
        "Delete",
        [],
        h(
          "div",
          { class: "card narrow" },
          h("p", {}, "Deletes the project and everything in it."),
          button("Delete the project", () => remove(project), { class: "danger" }),
        ),
      ),
  );
  return { title: `Settings of ${project.name}`, content };
}
