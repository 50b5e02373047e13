/** @import { Project } from "../api-types.d.ts" */
import { administers, call, current, get, path, query as queryOf } from "../api.js";
import { formDialog } from "../parts/dialog.js";
import { badge, button, h, link } from "../parts/dom.js";
import { empty } from "../parts/empty.js";
import { textOf } from "../parts/form.js";
import { age, count, parseSize } from "../parts/format.js";
import { heading } from "../parts/heading.js";
import { search } from "../parts/search.js";
import { table } from "../parts/table.js";
import { usage } from "../parts/usage.js";
import { go } from "../router.js";

/** @type {readonly import("../parts/table.js").Column<Project>[]} */
const COLUMNS = [
  { label: "Project", cell: ({ name }) => link(path`/ui/projects/${name}`, name) },
  {
    label: "Access",
    cell: (project) => [
      badge(project.public ? "public" : "private", project.public ? "good" : ""),
      project.proxy && " ",
      project.proxy && badge("proxy"),
    ],
  },
  { label: "Your role", cell: ({ role }) => role ?? "–" },
  { label: "Repositories", number: true, cell: ({ repositories }) => count(repositories) },
  { label: "Pulls", number: true, cell: ({ pulls }) => count(pulls) },
  { label: "Storage", number: true, cell: ({ used, quota }) => usage(used, quota) },
  { label: "Made", cell: ({ created }) => age(created) },
];

/** @param {FormData} data */
async function create(data) {
  const name = textOf(data, "name");
  const upstream = textOf(data, "upstream");
  const quota = parseSize(textOf(data, "quota"));
  const proxy = upstream ? { upstream } : undefined;
  await call("POST", "/projects", { name, public: data.has("public"), quota: quota ?? undefined, proxy });
  go(path`/ui/projects/${name}`);
}

const newProject = () =>
  formDialog({
    title: "New project",
    submit: "Create",
    fields: [
      {
        name: "name",
        label: "Name",
        required: true,
        autocomplete: "off",
        hint: "Lower-case letters, digits, and . _ - between them.",
      },
      { name: "public", label: "Public: everybody may pull", type: "checkbox" },
      { name: "quota", label: "Quota", placeholder: "10 GiB", hint: "Empty: no limit." },
      {
        name: "upstream",
        label: "Pull-through cache of",
        type: "url",
        placeholder: "https://registry.example",
        hint: "Empty: a project that takes pushes.",
      },
    ],
    action: create,
  });

/** @type {import("../router.js").View} */
export async function show({ query, signal }) {
  const text = query.get("search") ?? "";
  /** @type {{ items: Project[] }} */
  const { items } = await get(`/projects${queryOf({ search: text })}`, signal);
  const { user, open } = current();
  const nothing = text
    ? empty(`No project's name has "${text}" in it.`)
    : user || open
      ? empty("There is no project yet. A push makes one:", `docker push ${location.host}/project/name`)
      : empty("There is nothing public here. Sign in to see more.");
  const content = h(
    "div",
    {},
    heading("Projects", administers() && button("New project", newProject, { class: "primary" })),
    (items.length > 5 || text) && search("Find a project", text),
    items.length > 0 ? table("Projects", COLUMNS, items) : nothing,
  );
  return { title: "Projects", content };
}
