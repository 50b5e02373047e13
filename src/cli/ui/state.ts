import type { ContainerSummary } from "../../api/schema/container-answer.ts";
import type { ImageSummary } from "../../api/schema/image.ts";
import type { NetworkResource } from "../../api/schema/network.ts";
import type { VolumeResource } from "../../api/schema/volume.ts";
import type { LogLine } from "../logs/lines.ts";
import type { Key } from "../screen/keys.ts";
import type { History } from "./history.ts";

export const PANELS = ["containers", "images", "networks", "volumes"] as const;
export type Panel = (typeof PANELS)[number];

/** What the engine has, as it was listed last. */
export interface Things {
  readonly containers: readonly ContainerSummary[];
  readonly images: readonly ImageSummary[];
  readonly networks: readonly NetworkResource[];
  readonly volumes: readonly VolumeResource[];
}

/** What is shown of a chosen thing beside its list. */
export const PANES = ["details", "logs", "stats"] as const;
export type Pane = (typeof PANES)[number];

/** A line of details: a label with its value, or a heading. */
export type Detail = { readonly label: string; readonly value: string } | { readonly heading: string };

export type ShownLine = Pick<LogLine, "time" | "stream" | "text">;

export type Verb = "start" | "stop" | "restart" | "pause" | "unpause" | "remove";

/** Something to be done with a thing of the engine. */
export interface Act {
  readonly verb: Verb;
  readonly panel: Panel;
  readonly id: string;
  readonly name: string;
}

export interface Notice {
  readonly text: string;
  readonly kind: "info" | "bad";
}

/** Everything that is shown. */
export interface State {
  readonly columns: number;
  readonly rows: number;
  readonly endpoint: string;
  readonly link: "connecting" | "up" | "down";
  /** Why the engine is not reached. */
  readonly reason: string;
  readonly things: Things;
  /** When they were listed, milliseconds since the epoch. */
  readonly listedAt: number;
  readonly panel: Panel;
  /** Id of the chosen row in each panel. */
  readonly chosen: Readonly<Record<Panel, string>>;
  readonly pane: Pane;
  /** What the arrows move. */
  readonly focus: "list" | "pane";
  /** Lines above the end of a log, or below the beginning of anything else. */
  readonly scroll: number;
  readonly filter: string;
  readonly isTyping: boolean;
  readonly hasTimes: boolean;
  readonly log: { readonly id: string; readonly lines: readonly ShownLine[] };
  readonly details: { readonly key: string; readonly lines: readonly Detail[] };
  readonly stats: ReadonlyMap<string, History>;
  /** How often a container has started while we looked. */
  readonly lives: ReadonlyMap<string, number>;
  readonly dialog:
    | { readonly kind: "help" }
    | { readonly kind: "remove"; readonly act: Act; readonly question: string }
    | undefined;
  readonly notice: Notice | undefined;
}

export type UiEvent =
  | { readonly type: "key"; readonly key: Key }
  | { readonly type: "resize"; readonly columns: number; readonly rows: number }
  | { readonly type: "link"; readonly link: State["link"]; readonly reason: string }
  | { readonly type: "things"; readonly things: Partial<Things>; readonly now: number }
  | { readonly type: "started"; readonly id: string }
  | { readonly type: "log"; readonly id: string; readonly lines: readonly ShownLine[] }
  | { readonly type: "details"; readonly key: string; readonly lines: readonly Detail[] }
  | { readonly type: "stats"; readonly id: string; readonly history: History }
  | { readonly type: "notice"; readonly notice: Notice | undefined };

/** What the outside is asked for by a key. */
export type Effect =
  | { readonly kind: "act"; readonly act: Act }
  | { readonly kind: "shell"; readonly id: string; readonly name: string }
  | { readonly kind: "quit" | "stopProcess" | "repaint" };

export const initialState = (endpoint: string, columns: number, rows: number): State => ({
  columns,
  rows,
  endpoint,
  link: "connecting",
  reason: "",
  things: { containers: [], images: [], networks: [], volumes: [] },
  listedAt: 0,
  panel: "containers",
  chosen: { containers: "", images: "", networks: "", volumes: "" },
  pane: "logs",
  focus: "list",
  scroll: 0,
  filter: "",
  isTyping: false,
  hasTimes: false,
  log: { id: "", lines: [] },
  details: { key: "", lines: [] },
  stats: new Map(),
  lives: new Map(),
  dialog: undefined,
  notice: undefined,
});
