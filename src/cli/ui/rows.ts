import type { ContainerSummary } from "../../api/schema/container-answer.ts";
import { namedImages } from "../format/images.ts";
import { formatAge, formatSize, shortId } from "../format/units.ts";
import { PANELS, type Panel, type State, type Things } from "./state.ts";

/** One row of a list. */
export interface Row {
  readonly id: string;
  readonly name: string;
  readonly mark: "good" | "bad" | "warn" | "off";
  /** Further columns, the more important first: all a list has room for are shown. */
  readonly cells: readonly string[];
}

/** Names and widths of a panel's further columns. */
export const COLUMNS: Readonly<Record<Panel, readonly (readonly [title: string, width: number])[]>> = {
  containers: [
    ["STATUS", 8],
    ["IMAGE", 20],
  ],
  images: [
    ["SIZE", 8],
    ["AGE", 5],
    ["USED BY", 7],
  ],
  networks: [
    ["DRIVER", 8],
    ["SUBNET", 18],
    ["USED BY", 7],
  ],
  volumes: [
    ["DRIVER", 8],
    ["USED BY", 7],
  ],
};

export const nameOf = ({ Names, Id }: ContainerSummary): string =>
  (Names[0] ?? shortId(Id)).replace(/^\//, "");
export const isRunning = (container: ContainerSummary | undefined): boolean =>
  container?.State === "running" || container?.State === "paused";

/** The engine's words for a state and its age, short: "up 3m", "exit 137". */
function statusOf({ Status, State }: ContainerSummary): string {
  if (State === "exited") return `exit ${/\((\d+)\)/.exec(Status)?.[1] ?? ""}`;
  return State === "running" ? `up ${shortAge(Status)}` : State;
}

/** "Up About an hour" as "1h". */
function shortAge(text: string): string {
  const [, count, unit = "second"] = /(\d+|an?) (second|minute|hour|day|week|month|year)/.exec(text) ?? [];
  return `${count === undefined ? 0 : Number(count) || 1}${unit === "month" ? "mo" : unit[0]}`;
}

function markOf({ State, Status }: ContainerSummary): Row["mark"] {
  if (State === "paused" || State === "restarting" || Status.includes("unhealthy")) return "warn";
  if (State === "running") return "good";
  return /^Exited \((?!0\))/.test(Status) || State === "dead" ? "bad" : "off";
}

const uses = (count: number): string => (count === 0 ? "-" : String(count));

const ROWS: Readonly<Record<Panel, (things: Things, now: number) => readonly Row[]>> = {
  containers: ({ containers }) =>
    [...containers]
      .sort((a, b) => Number(isRunning(b)) - Number(isRunning(a)) || (nameOf(a) < nameOf(b) ? -1 : 1))
      .map((container) => ({
        id: container.Id,
        name: nameOf(container),
        mark: markOf(container),
        cells: [statusOf(container), container.Image],
      })),
  images: ({ images, containers }, now) =>
    images
      .flatMap((image) => namedImages(image, false))
      .map(({ image, repository, tag }) => {
        const used = containers.filter(({ ImageID }) => ImageID === image.Id).length;
        const age = shortAge(formatAge(now / 1000 - image.Created));
        const isNamed = repository !== "<none>";
        return {
          id: isNamed && tag !== "<none>" ? `${repository}:${tag}` : image.Id,
          name: isNamed ? `${repository}:${tag}` : `<none> ${shortId(image.Id)}`,
          mark: used > 0 ? ("good" as const) : ("off" as const),
          cells: [formatSize(image.Size), age, uses(used)],
        };
      })
      .sort((a, b) => (a.name < b.name ? -1 : 1)),
  networks: ({ networks, containers }) =>
    [...networks]
      .sort((a, b) => (a.Name < b.Name ? -1 : 1))
      .map(({ Id, Name, Driver, IPAM }) => {
        const used = containers.filter(
          (container) => isRunning(container) && networksOf(container).includes(Name),
        ).length;
        return {
          id: Id,
          name: Name,
          mark: used > 0 ? "good" : "off",
          cells: [Driver, IPAM.Config[0]?.Subnet ?? "-", uses(used)],
        };
      }),
  volumes: ({ volumes, containers }) =>
    [...volumes]
      .sort((a, b) => (a.Name < b.Name ? -1 : 1))
      .map(({ Name, Driver }) => {
        const used = usersOf(Name, containers).length;
        return { id: Name, name: Name, mark: used > 0 ? "good" : "off", cells: [Driver, uses(used)] };
      }),
};

const networksOf = ({ NetworkSettings }: ContainerSummary): readonly string[] =>
  Object.keys(NetworkSettings?.Networks ?? {});

/** Names of the containers that have a volume mounted. */
export const usersOf = (volume: string, containers: readonly ContainerSummary[]): readonly string[] =>
  containers.filter(({ Mounts }) => Mounts.some(({ Name }) => Name === volume)).map(nameOf);

/** Whether a text holds every word of the filter, in any case. */
export function fits(text: string, filter: string): boolean {
  const lower = text.toLowerCase();
  return filter
    .toLowerCase()
    .split(/\s+/)
    .every((word) => lower.includes(word));
}

/** The rows of the panel that is shown, in their order. A filter that belongs to the other pane leaves them all. */
export function rowsOf(state: State, panel: Panel = state.panel): readonly Row[] {
  const rows = ROWS[panel](state.things, state.listedAt);
  if (state.filter === "" || panel !== state.panel || isLogFilter(state)) return rows;
  return rows.filter(({ name, cells }) => fits([name, ...cells].join(" "), state.filter));
}

/** What is typed behind `/` looks through the log while that has the keys, else through the list. */
export const isLogFilter = ({ focus, pane, panel }: State): boolean =>
  focus === "pane" && pane === "logs" && panel === "containers";

export const counts = (state: State): Readonly<Record<Panel, number>> =>
  Object.fromEntries(
    PANELS.map((panel) => [panel, rowsOf({ ...state, filter: "" }, panel).length]),
  ) as Record<Panel, number>;

/** The row that is chosen; the first when there is no choice. */
export function chosenRow(state: State): Row | undefined {
  const rows = rowsOf(state);
  return rows.find(({ id }) => id === state.chosen[state.panel]) ?? rows[0];
}

export const chosenContainer = (state: State): ContainerSummary | undefined => {
  const id = state.panel === "containers" ? chosenRow(state)?.id : undefined;
  return state.things.containers.find(({ Id }) => Id === id);
};
