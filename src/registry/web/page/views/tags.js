/** @import { Manifest, Repository, Tag } from "../api-types.d.ts" */
import { get, path, query as queryOf } from "../api.js";
import { badge, button, h, link } from "../parts/dom.js";
import { command, empty } from "../parts/empty.js";
import { age, count, shortDigest, size } from "../parts/format.js";
import { heading, trail } from "../parts/heading.js";
import { getProject, section } from "../parts/project-frame.js";
import { search } from "../parts/search.js";
import { facts, table } from "../parts/table.js";
import { deleteRepository, deleteTag, retag } from "../parts/tag-actions.js";

const PAGE = 100;

/** @param {string} repository @param {Tag} tag */
const name = (repository, tag) => [
  link(path`/ui/repositories/${repository}/-/${tag.name}`, tag.name),
  tag.immutable && " ",
  tag.immutable && badge("immutable"),
  tag.kind !== "image" && " ",
  tag.kind !== "image" && badge(tag.kind === "artifact" ? (tag.artifactType ?? tag.kind) : tag.kind),
];

/** @param {string} repository @param {readonly string[]} may @param {Tag} tag */
const actions = (repository, may, tag) =>
  h(
    "span",
    { class: "actions" },
    may.includes("retag") &&
      button("Retag", () => retag(repository, tag.name), { "aria-label": `Retag ${tag.name}` }),
    may.includes("delete") &&
      !tag.immutable &&
      button("Delete", () => deleteTag(repository, tag.name), {
        class: "danger",
        "aria-label": `Delete ${tag.name}`,
      }),
  );

/** @param {string} repository @param {readonly string[]} may @returns {readonly import("../parts/table.js").Column<Tag>[]} */
const columns = (repository, may) => [
  { label: "Tag", cell: (tag) => name(repository, tag) },
  { label: "Digest", cell: ({ digest }) => shortDigest(digest) },
  {
    label: "Platforms",
    cell: ({ platforms }) =>
      platforms.length > 0 ? platforms.map((platform) => h("div", {}, platform)) : "–",
  },
  { label: "Layers", number: true, cell: ({ layers, kind }) => (kind === "image" ? layers : "–") },
  { label: "Size", number: true, cell: ({ imageSize }) => size(imageSize) },
  {
    label: "Pushed",
    cell: ({ updated, updatedBy }) => [age(updated), h("div", { class: "quiet" }, `by ${updatedBy}`)],
  },
  { label: "Pulled", cell: ({ pulled }) => age(pulled) },
  { label: "Actions", hidden: !may.includes("retag"), cell: (tag) => actions(repository, may, tag) },
];

/** @param {string} repository @param {readonly Manifest[]} items */
const untaggedTable = (repository, items) =>
  table(
    "Untagged images",
    [
      {
        label: "Digest",
        cell: ({ digest }) => link(path`/ui/repositories/${repository}/-/${digest}`, shortDigest(digest)),
      },
      {
        label: "Kind",
        cell: ({ kind, artifactType }) => (kind === "artifact" ? (artifactType ?? kind) : kind),
      },
      { label: "Platform", cell: ({ platform }) => platform ?? "–" },
      { label: "Size", number: true, cell: ({ imageSize }) => size(imageSize) },
      { label: "Pushed", cell: ({ pushed }) => age(pushed) },
    ],
    items,
  );

/** @param {string} base @param {string} text @param {string} order @param {number} offset @param {number} shown */
function pager(base, text, order, offset, shown) {
  const to = (/** @type {number} */ start) =>
    base + queryOf({ search: text, order: order === "name" ? "" : order, offset: start || "" });
  return h(
    "nav",
    { class: "pager", "aria-label": "Pages" },
    offset > 0 && link(to(Math.max(0, offset - PAGE)), "Previous"),
    shown === PAGE && link(to(offset + PAGE), "Next"),
  );
}

/** @param {string} text @param {string} repository */
const nothing = (text, repository) =>
  text
    ? empty(`No tag has "${text}" in it.`)
    : empty("This repository has no tag:", `docker push ${location.host}/${repository}:latest`);

/** @type {import("../router.js").View} */
export async function show({ params: { repository }, query, signal }) {
  const base = path`/repositories/${repository}`;
  const text = query.get("search") ?? "";
  const order = query.get("order") === "name" ? "name" : "newest";
  const offset = Number(query.get("offset")) || 0;
  /** @type {[Repository & { project: string }, { items: Tag[], total: number }, { items: Manifest[] }]} */
  const [about, tags, untagged] = await Promise.all([
    get(base, signal),
    get(`${base}/-/tags${queryOf({ search: text, order, offset, limit: PAGE })}`, signal),
    get(`${base}/-/untagged`, signal),
  ]);
  const { actions: may } = await getProject(about.project, signal);
  const here = path`/ui/repositories/${repository}`;
  const sort = order === "name" ? link(here, "Newest first") : link(`${here}?order=name`, "By name");
  const content = h(
    "div",
    {},
    trail([
      ["Projects", "/ui/projects"],
      [about.project, path`/ui/projects/${about.project}`],
    ]),
    heading(
      repository,
      may.includes("delete") &&
        button("Delete the repository", () => deleteRepository(repository, about.project), {
          class: "danger",
        }),
    ),
    facts([
      ["Tags", count(about.tags)],
      ["Pulls", count(about.pulls)],
      ["Pushed", age(about.pushed)],
      ["Pulled", age(about.pulled)],
    ]),
    tags.items[0] && command(`docker pull ${location.host}/${repository}:${tags.items[0].name}`),
    section(
      "Tags",
      [tags.items.length > 1 && sort, search("Find a tag", text)],
      tags.items.length > 0 ? table("Tags", columns(repository, may), tags.items) : nothing(text, repository),
      pager(here, text, order, offset, tags.items.length),
    ),
    untagged.items.length > 0 && section("Without a tag", [], untaggedTable(repository, untagged.items)),
  );
  return { title: repository, content };
}
