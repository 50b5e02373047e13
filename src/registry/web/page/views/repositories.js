/** @import { Repository } from "../api-types.d.ts" */
import { get, path, query as queryOf } from "../api.js";
import { link } from "../parts/dom.js";
import { empty } from "../parts/empty.js";
import { age, count } from "../parts/format.js";
import { getProject, projectFrame, section } from "../parts/project-frame.js";
import { search } from "../parts/search.js";
import { facts, table } from "../parts/table.js";
import { usage } from "../parts/usage.js";

/** @type {readonly import("../parts/table.js").Column<Repository>[]} */
const COLUMNS = [
  { label: "Repository", cell: ({ name }) => link(path`/ui/repositories/${name}`, name) },
  { label: "Tags", number: true, cell: ({ tags }) => count(tags) },
  { label: "Pulls", number: true, cell: ({ pulls }) => count(pulls) },
  { label: "Pushed", cell: ({ pushed }) => age(pushed) },
  { label: "Pulled", cell: ({ pulled }) => age(pulled) },
];

/** @param {import("../api-types.d.ts").Project} project @param {string} text */
function nothing(project, text) {
  const place = `${location.host}/${project.name}`;
  if (text) return empty(`No repository's name has "${text}" in it.`);
  if (project.proxy) return empty("Nothing was pulled through here yet:", `docker pull ${place}/name`);
  if (!project.actions.includes("push")) return empty("Nothing was pushed here yet.");
  return empty("Nothing was pushed here yet:", `docker tag name ${place}/name`, `docker push ${place}/name`);
}

/** @type {import("../router.js").View} */
export async function show({ params, query, signal }) {
  const text = query.get("search") ?? "";
  const [project, { items }] = await Promise.all([
    getProject(params.project, signal),
    get(path`/projects/${params.project}/repositories` + queryOf({ search: text }), signal),
  ]);
  const summary = facts([
    ["Storage", usage(project.used, project.quota)],
    ["Pulls", count(project.pulls)],
    ["Your role", project.role ?? "none"],
    ["Made", age(project.created)],
  ]);
  const list = items.length > 0 ? table("Repositories", COLUMNS, items) : nothing(project, text);
  const find = (items.length > 5 || text) && search("Find a repository", text);
  return {
    title: project.name,
    content: projectFrame(project, summary, section("Repositories", [find], list)),
  };
}
