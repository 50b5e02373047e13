/** @import { AuditRecord } from "../api-types.d.ts" */
import { get, path, query as queryOf } from "../api.js";
import { badge, h, link } from "../parts/dom.js";
import { empty } from "../parts/empty.js";
import { field } from "../parts/form.js";
import { moment, shortDigest } from "../parts/format.js";
import { heading } from "../parts/heading.js";
import { getProject, projectFrame, section } from "../parts/project-frame.js";
import { table } from "../parts/table.js";
import { go } from "../router.js";

const DAY = 86_400_000;
const FILTERS = ["search", "actor", "action", "project", "from", "until"];

/** @param {AuditRecord} record */
function target({ project, repository, reference, digest }) {
  const name = repository
    ? `${repository}${reference ? `:${reference}` : ""}`
    : [project, reference].filter(Boolean).join(" / ");
  return [
    h("span", { class: "long" }, name || "–"),
    digest && h("div", { class: "quiet" }, shortDigest(digest)),
  ];
}

/** @type {readonly import("../parts/table.js").Column<AuditRecord>[]} */
const COLUMNS = [
  { label: "When", cell: ({ at }) => moment(at) },
  { label: "Who", cell: ({ actor }) => actor },
  {
    label: "What",
    cell: ({ action, count, outcome }) => [
      h("code", {}, action),
      count > 1 && ` × ${count}`,
      outcome === "denied" && " ",
      outcome === "denied" && badge("denied", "bad"),
    ],
  },
  { label: "On", cell: target },
  { label: "From", cell: ({ address }) => address },
  {
    label: "Details",
    cell: ({ detail }) =>
      detail !== undefined && detail !== null && h("code", { class: "long" }, JSON.stringify(detail)),
  },
];

/** The filters of the address as the API wants them. @param {URLSearchParams} query @param {boolean} ofProject */
function filters(query, ofProject) {
  const time = (/** @type {string} */ name, added = 0) => {
    const at = Date.parse(`${query.get(name)}T00:00`);
    return Number.isNaN(at) ? undefined : at + added;
  };
  return {
    search: query.get("search"),
    actor: query.get("actor"),
    action: query.get("action"),
    project: ofProject ? undefined : query.get("project"),
    from: time("from"),
    until: time("until", DAY),
  };
}

/** @param {URLSearchParams} query @param {boolean} ofProject */
function filterForm(query, ofProject) {
  const value = (/** @type {string} */ name) => query.get(name) ?? "";
  const submit = (/** @type {SubmitEvent} */ event) => {
    event.preventDefault();
    const data = new FormData(element);
    go(
      location.pathname +
        queryOf(Object.fromEntries(FILTERS.map((name) => [name, String(data.get(name) ?? "")]))),
    );
  };
  const element = h(
    "form",
    { class: "filters", role: "search", on: { submit } },
    field({
      name: "search",
      label: "Search",
      type: "search",
      value: value("search"),
      placeholder: "name, digest, address",
    }),
    field({ name: "actor", label: "Who", value: value("actor") }),
    field({ name: "action", label: "What", value: value("action"), placeholder: "manifest.push" }),
    !ofProject && field({ name: "project", label: "Project", value: value("project") }),
    field({ name: "from", label: "From", type: "date", value: value("from") }),
    field({ name: "until", label: "Until", type: "date", value: value("until") }),
    h(
      "div",
      { class: "buttons" },
      h("button", { type: "submit", class: "primary" }, "Search"),
      link(location.pathname, "Clear"),
    ),
  );
  return element;
}

/** The trail of all, or of one project. @type {import("../router.js").View} */
export async function show({ params, query, signal }) {
  const project = params.project ? await getProject(params.project, signal) : undefined;
  const base = project ? path`/projects/${project.name}/audit` : "/audit";
  const wanted = filters(query, project !== undefined);
  /** @type {{ items: AuditRecord[], next: number | null }} */
  const { items, next } = await get(base + queryOf({ ...wanted, before: query.get("before") }), signal);
  const file = (/** @type {string} */ format) =>
    h(
      "a",
      { href: `/api/v1${base}/export${queryOf({ ...wanted, format })}`, download: `audit.${format}` },
      format.toUpperCase(),
    );
  const older = new URLSearchParams(query);
  older.set("before", String(next));
  const parts = [
    filterForm(query, project !== undefined),
    items.length > 0 ? table("Audit trail", COLUMNS, items) : empty("Nothing in the trail fits."),
    h(
      "nav",
      { class: "pager", "aria-label": "Pages" },
      query.has("before") && link(location.pathname, "Newest"),
      next !== null && link(`${location.pathname}?${older}`, "Older"),
    ),
  ];
  const exports = h("span", {}, "Export: ", file("csv"), " ", file("json"));
  if (project)
    return {
      title: `Audit of ${project.name}`,
      content: projectFrame(project, section("Audit", [exports], ...parts)),
    };
  return { title: "Audit", content: h("div", {}, heading("Audit", exports), ...parts) };
}
