/** @import { Statistics, TrafficPoint } from "../api-types.d.ts" */
import { get, path } from "../api.js";
import { chart } from "../parts/chart.js";
import { h, link } from "../parts/dom.js";
import { empty } from "../parts/empty.js";
import { count, moment, size } from "../parts/format.js";
import { heading } from "../parts/heading.js";
import { section } from "../parts/project-frame.js";
import { facts, table } from "../parts/table.js";
import { usage } from "../parts/usage.js";

const HOUR = 3_600_000;
const RANGES = [1, 7, 30, 365];

/** Every hour (or, over a long time, day) of the range, with zeros where nothing went through. @param {readonly TrafficPoint[]} points @param {number} days */
function filled(points, days) {
  const step = days > 31 ? 24 * HOUR : HOUR;
  const floor = (/** @type {number} */ time) => Math.floor(time / step) * step;
  /** @type {Map<number, TrafficPoint>} */
  const slots = new Map();
  for (let hour = floor(Date.now() - days * 24 * HOUR); hour <= Date.now(); hour += step)
    slots.set(hour, { hour, pulls: 0, pushes: 0, received: 0, sent: 0 });
  for (const { hour, pulls, pushes, received, sent } of points) {
    const slot = slots.get(floor(hour));
    if (!slot) continue;
    slot.pulls += pulls;
    slot.pushes += pushes;
    slot.received += received;
    slot.sent += sent;
  }
  return [...slots.values()];
}

/** @param {readonly TrafficPoint[]} points @param {"pulls" | "pushes" | "received" | "sent"} key */
const sum = (points, key) => points.reduce((total, point) => total + point[key], 0);

/** @param {readonly TrafficPoint[]} points @param {number} days @param {AbortSignal} signal */
function charts(points, days, signal) {
  const all = filled(points, days);
  const times = all.map(({ hour }) => hour);
  const line = (
    /** @type {string} */ label,
    /** @type {string} */ colour,
    /** @type {"pulls" | "pushes" | "received" | "sent"} */ key,
  ) => ({
    label,
    colour,
    values: all.map((point) => point[key]),
  });
  const requests = `${count(sum(points, "pulls"))} pulls and ${count(sum(points, "pushes"))} pushes`;
  const bytes = `${size(sum(points, "sent"))} sent and ${size(sum(points, "received"))} received`;
  const whole = (/** @type {number} */ value) => (Number.isInteger(value) ? count(value) : "");
  return h(
    "div",
    { class: "charts" },
    h(
      "figure",
      { class: "card" },
      h("figcaption", {}, requests),
      chart(
        requests,
        times,
        [line("Pulls", "--one", "pulls"), line("Pushes", "--two", "pushes")],
        whole,
        signal,
      ),
    ),
    h(
      "figure",
      { class: "card" },
      h("figcaption", {}, bytes),
      chart(
        bytes,
        times,
        [line("Sent", "--one", "sent"), line("Received", "--two", "received")],
        size,
        signal,
      ),
    ),
  );
}

/** The charts' numbers, for who cannot see them. @param {readonly TrafficPoint[]} points */
const numbers = (points) =>
  h(
    "details",
    {},
    h("summary", {}, "The numbers"),
    table(
      "Traffic by hour",
      [
        { label: "Hour", cell: ({ hour }) => moment(hour) },
        { label: "Pulls", number: true, cell: ({ pulls }) => count(pulls) },
        { label: "Pushes", number: true, cell: ({ pushes }) => count(pushes) },
        { label: "Sent", number: true, cell: ({ sent }) => size(sent) },
        { label: "Received", number: true, cell: ({ received }) => size(received) },
      ],
      points.toReversed().slice(0, 200),
    ),
  );

/** @param {Statistics["projects"]} projects @param {number} total */
const storage = (projects, total) =>
  table(
    "Storage by project",
    [
      { label: "Project", cell: ({ name }) => link(path`/ui/projects/${name}`, name) },
      { label: "Repositories", number: true, cell: ({ repositories }) => count(repositories) },
      {
        label: "Of all that is stored",
        cell: ({ used, name }) =>
          h("progress", { max: Math.max(1, total), value: used, "aria-label": `${name}: ${size(used)}` }),
      },
      { label: "Storage", number: true, cell: ({ used, quota }) => usage(used, quota) },
    ],
    projects.toSorted((one, other) => other.used - one.used),
  );

/** @param {number} days */
const ranges = (days) =>
  RANGES.map((range) =>
    h(
      "a",
      {
        class: "range",
        href: `/ui/statistics?days=${range}`,
        "aria-current": range === days ? "true" : false,
      },
      range === 1 ? "Day" : range === 365 ? "Year" : `${range} days`,
    ),
  );

/** @type {import("../router.js").View} */
export async function show({ query, signal }) {
  const wanted = Number(query.get("days"));
  const days = RANGES.includes(wanted) ? wanted : 7;
  /** @type {Statistics} */
  const all = await get(`/statistics?days=${days}`, signal);
  const { bytes, count: contents, free, size: disk } = all.storage;
  const content = h(
    "div",
    {},
    heading("Statistics"),
    facts([
      ["Stored", size(bytes)],
      ["Contents", count(contents)],
      ["Manifests", count(all.manifests)],
      ["Uploads under way", count(all.uploads)],
      ["Disk in use", usage(disk - free, disk)],
    ]),
    section(
      "Traffic",
      ranges(days),
      charts(all.traffic, days, signal),
      all.traffic.length > 0 && numbers(all.traffic),
    ),
    section(
      "Storage",
      [],
      all.projects.length > 0
        ? storage(all.projects, bytes)
        : empty("Nothing is stored yet:", `docker push ${location.host}/project/name`),
    ),
  );
  return { title: "Statistics", content };
}
