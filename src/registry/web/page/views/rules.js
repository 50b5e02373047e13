/** @import { Retention } from "../api-types.d.ts" */
import { call, get, path } from "../api.js";
import { confirmDialog, dialog } from "../parts/dialog.js";
import { button, h } from "../parts/dom.js";
import { empty } from "../parts/empty.js";
import { form, numberOf, wordsOf } from "../parts/form.js";
import { counted, shortDigest } from "../parts/format.js";
import { notice } from "../parts/notice.js";
import { getProject, projectFrame, section } from "../parts/project-frame.js";
import { facts, table } from "../parts/table.js";
import { reload } from "../router.js";

const PATTERN = "* is anything but a slash, ** anything, ? one character.";

/** @typedef {{ immutableTags: string[], retention: Retention | null }} Rules */

/** @param {FormData} data @returns {object} */
function read(data) {
  const keep = {
    keepNewest: numberOf(data, "keepNewest"),
    keepPushedWithinDays: numberOf(data, "keepPushedWithinDays"),
    keepPulledWithinDays: numberOf(data, "keepPulledWithinDays"),
  };
  const [repositories, tags] = [wordsOf(data, "repositories"), wordsOf(data, "tags")];
  const some = Object.values(keep).some((value) => value !== undefined);
  const only = {
    repositories: repositories.length > 0 ? repositories : undefined,
    tags: tags.length > 0 ? tags : undefined,
  };
  return {
    immutableTags: wordsOf(data, "immutableTags"),
    retention: some ? { ...only, ...keep } : undefined,
  };
}

/** @param {string} project @param {Rules} rules */
function editor(project, { immutableTags, retention }) {
  const days = { type: "number", min: 0 };
  return form(
    [
      {
        name: "immutableTags",
        label: "Immutable tags",
        value: immutableTags.join(" "),
        placeholder: "v* release-**",
        hint: `Patterns of tags that cannot be moved or deleted. ${PATTERN}`,
      },
      {
        name: "keepNewest",
        label: "Keep the newest",
        ...days,
        value: retention?.keepNewest ?? "",
        hint: "Tags of each repository. What no line here keeps goes with the next garbage collection.",
      },
      {
        name: "keepPushedWithinDays",
        label: "Keep what was pushed within days",
        ...days,
        value: retention?.keepPushedWithinDays ?? "",
      },
      {
        name: "keepPulledWithinDays",
        label: "Keep what was pulled within days",
        ...days,
        value: retention?.keepPulledWithinDays ?? "",
      },
      {
        name: "repositories",
        label: "Only in repositories",
        value: retention?.repositories?.join(" ") ?? "",
        placeholder: "all",
      },
      { name: "tags", label: "Only tags", value: retention?.tags?.join(" ") ?? "", placeholder: "all" },
    ],
    {
      submit: "Save the rules",
      action: async (data) => {
        await call("PUT", path`/projects/${project}/rules`, read(data));
        notice("The rules are saved");
        reload();
      },
    },
  );
}

/** @param {string} project */
async function preview(project) {
  /** @type {{ tags: { repository: string, tag: string, digest: string }[] }} */
  const { tags } = await call("POST", path`/projects/${project}/retention`, { dryRun: true });
  const apply = () =>
    confirmDialog({
      title: "Delete by the retention rule",
      text: `${counted(tags.length, "tag")} of ${project} will be deleted.`,
      submit: "Delete",
      action: async () => {
        const done = await call("POST", path`/projects/${project}/retention`, { dryRun: false });
        notice(`${counted(done.tags.length, "tag")} deleted`);
        reload();
      },
    });
  const columns = [
    { label: "Repository", cell: (/** @type {typeof tags[0]} */ { repository }) => repository },
    { label: "Tag", cell: (/** @type {typeof tags[0]} */ { tag }) => tag },
    { label: "Digest", cell: (/** @type {typeof tags[0]} */ { digest }) => shortDigest(digest) },
  ];
  dialog("What the retention rule gives up", (close) => {
    const goOn = () => {
      close();
      apply();
    };
    return [
      tags.length > 0 ? table("Tags", columns, tags) : empty("Nothing: every tag is kept."),
      h(
        "div",
        { class: "buttons" },
        tags.length > 0 && button("Delete these now", goOn, { class: "danger" }),
        button("Close", close),
      ),
    ];
  });
}

/** @param {Rules} rules */
const reading = ({ immutableTags, retention }) =>
  facts([
    ["Immutable tags", immutableTags.join(" ") || "none"],
    ["Retention", retention ? JSON.stringify(retention) : "everything is kept"],
  ]);

/** @type {import("../router.js").View} */
export async function show({ params, signal }) {
  const project = await getProject(params.project, signal);
  /** @type {Rules} */
  const rules = await get(path`/projects/${project.name}/rules`, signal);
  const may = project.actions.includes("project:rules");
  const run = may && rules.retention && button("What would go?", () => void preview(project.name));
  const content = may ? h("div", { class: "card narrow" }, editor(project.name, rules)) : reading(rules);
  return {
    title: `Rules of ${project.name}`,
    content: projectFrame(project, section("Rules", [run], content)),
  };
}
