/** @import { Collection } from "../api-types.d.ts" */
import { call, get } from "../api.js";
import { formDialog } from "../parts/dialog.js";
import { badge, button, h } from "../parts/dom.js";
import { empty } from "../parts/empty.js";
import { age, count, size } from "../parts/format.js";
import { heading } from "../parts/heading.js";
import { problem } from "../parts/notice.js";
import { table } from "../parts/table.js";
import { reload } from "../router.js";

const PHASES = ["uploads", "retention", "untagged", "links", "contents", "orphans"];
const TEXTS = /** @type {Record<string, string>} */ ({
  uploads: "Uploads given up",
  retention: "Tags by the retention rules",
  untagged: "Images without a tag",
  links: "Contents no image uses",
  contents: "Contents no repository has",
  orphans: "Files left by a crash",
});
const EVERY = 400;

const start = () =>
  formDialog({
    title: "Collect garbage",
    text: "Pulls and pushes go on meanwhile; what a push in flight may need stays.",
    submit: "Start",
    fields: [
      { name: "dryRun", label: "Only say what would go", type: "checkbox", value: true },
      { name: "untagged", label: "Images without a tag go too", type: "checkbox" },
    ],
    action: async (data) => {
      await call("POST", "/collections", { dryRun: data.has("dryRun"), untagged: data.has("untagged") });
      reload();
    },
  });

/** @param {Collection} collection */
function state({ state: name, dryRun }) {
  const kind = name === "done" ? "good" : name === "running" ? "" : "bad";
  return [badge(name, kind), dryRun && " ", dryRun && badge("dry run")];
}

/** @param {Collection} collection */
function progress({ phase, contents, orphans, bytes }) {
  const step = Math.max(0, PHASES.indexOf(phase ?? ""));
  const steps = PHASES.map((name, index) =>
    h(
      "li",
      {
        class: index < step ? "past" : index === step ? "now" : "",
        "aria-current": index === step ? "step" : false,
      },
      TEXTS[name],
    ),
  );
  return h(
    "div",
    { class: "card progress" },
    h("progress", { max: PHASES.length, value: step, "aria-label": "Progress" }),
    h("ol", {}, steps),
    h(
      "p",
      { role: "status" },
      `${TEXTS[PHASES[step]]}: ${count(contents + orphans)} contents, ${size(bytes)} so far`,
    ),
  );
}

/** Asks until the collection has ended, then shows the page again. @param {HTMLElement} place @param {Collection} collection @param {AbortSignal} signal */
function follow(place, collection, signal) {
  place.replaceChildren(progress(collection));
  const ask = async () => {
    if (signal.aborted) return;
    try {
      const now = await get(`/collections/${collection.id}`, signal);
      if (now.state === "running") follow(place, now, signal);
      else reload();
    } catch (error) {
      if (!signal.aborted)
        place.replaceChildren(problem(error instanceof Error ? error.message : String(error)));
    }
  };
  setTimeout(() => void ask(), EVERY);
}

/** @type {readonly import("../parts/table.js").Column<Collection>[]} */
const COLUMNS = [
  { label: "Started", cell: ({ started }) => age(started) },
  { label: "By", cell: ({ by }) => by },
  {
    label: "State",
    cell: (collection) => [
      ...state(collection),
      collection.error && h("div", { class: "quiet" }, collection.error),
    ],
  },
  { label: "Tags", number: true, cell: ({ tags }) => count(tags) },
  { label: "Images", number: true, cell: ({ manifests }) => count(manifests) },
  { label: "Uploads", number: true, cell: ({ uploads }) => count(uploads) },
  { label: "Contents", number: true, cell: ({ contents, orphans }) => count(contents + orphans) },
  { label: "Freed", number: true, cell: ({ bytes }) => size(bytes) },
  {
    label: "Took",
    number: true,
    cell: ({ started, ended }) => (ended === null ? "–" : `${((ended - started) / 1000).toFixed(1)} s`),
  },
];

/** @type {import("../router.js").View} */
export async function show({ signal }) {
  /** @type {{ items: Collection[] }} */
  const { items } = await get("/collections", signal);
  const running = items.find((collection) => collection.state === "running");
  const place = h("div", {});
  if (running) follow(place, running, signal);
  const content = h(
    "div",
    {},
    heading(
      "Garbage collection",
      button("Collect garbage", start, { class: "primary", disabled: running !== undefined }),
    ),
    place,
    items.length > 0
      ? table("Collections", COLUMNS, items)
      : empty("Nothing was collected yet. Deleted images keep their room on the disk until then."),
  );
  return { title: "Garbage collection", content };
}
