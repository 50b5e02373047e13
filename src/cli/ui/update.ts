import type { Key } from "../screen/keys.ts";
import { layoutOf, listHeight, paneHeight } from "./layout.ts";
import { detailRows, logLines } from "./pane.ts";
import { chosenContainer, chosenRow, isRunning, rowsOf } from "./rows.ts";
import {
  type Act,
  type Effect,
  PANELS,
  PANES,
  type Pane,
  type State,
  type UiEvent,
  type Verb,
} from "./state.ts";

/** Lines of a log that are kept. */
const KEPT_LINES = 5000;

export interface Updated {
  readonly state: State;
  readonly effects: readonly Effect[];
}

const only = (state: State, ...effects: readonly Effect[]): Updated => ({ state, effects });

/** The state after an event, and what is to be done outside. Nothing else changes. */
export function update(state: State, event: UiEvent): Updated {
  switch (event.type) {
    case "key":
      return onKey(state, event.key);
    case "resize":
      return only({ ...state, columns: event.columns, rows: event.rows });
    case "link":
      return only({ ...state, link: event.link, reason: event.reason });
    case "things":
      return only(
        keepPlace(state, { ...state, things: { ...state.things, ...event.things }, listedAt: event.now }),
      );
    case "started":
      return only({
        ...state,
        lives: new Map(state.lives).set(event.id, (state.lives.get(event.id) ?? 0) + 1),
      });
    case "log":
      return only(withLines(state, event));
    case "details":
      return only({ ...state, details: { key: event.key, lines: event.lines } });
    case "stats":
      return only({ ...state, stats: new Map(state.stats).set(event.id, event.history) });
    case "notice":
      return only({ ...state, notice: event.notice });
  }
}

/** A log that is scrolled back stays where it is read while more comes. */
function withLines(state: State, { id, lines }: Extract<UiEvent, { readonly type: "log" }>): State {
  const known = state.log.id === id ? state.log.lines : [];
  const log = { id, lines: [...known, ...lines].slice(-KEPT_LINES) };
  return {
    ...state,
    log,
    scroll: state.pane === "logs" && state.scroll > 0 ? state.scroll + lines.length : state.scroll,
  };
}

/** When the chosen thing is no more, the one in its place is chosen. Histories of what has gone go too. */
function keepPlace(before: State, after: State): State {
  const old = rowsOf(before);
  const rows = rowsOf(after);
  const chosen = chosenRow(before)?.id ?? "";
  const index = old.findIndex(({ id }) => id === chosen);
  const next = rows.some(({ id }) => id === chosen)
    ? chosen
    : (rows[Math.min(index, rows.length - 1)] ?? rows[0])?.id;
  const alive = new Set(after.things.containers.filter(isRunning).map(({ Id }) => Id));
  const stats = new Map([...after.stats].filter(([id]) => alive.has(id)));
  return { ...after, stats, chosen: { ...after.chosen, [after.panel]: next ?? "" } };
}

function onKey(before: State, key: Key): Updated {
  const state = { ...before, notice: undefined };
  if (key === "ctrl-c") return only(state, { kind: "quit" });
  if (key === "ctrl-z") return only(state, { kind: "stopProcess" });
  if (key === "ctrl-l") return only(state, { kind: "repaint" });
  if (state.dialog) return onDialogKey(state, key);
  if (state.isTyping) return only(onFilterKey(state, key));
  return onCommand(state, key) ?? only(onMove(state, key));
}

function onDialogKey(state: State, key: Key): Updated {
  const { dialog } = state;
  const closed = { ...state, dialog: undefined };
  if (dialog?.kind === "remove" && key === "y") return only(closed, { kind: "act", act: dialog.act });
  if (dialog?.kind === "remove" && !["n", "q", "escape"].includes(key)) return only(state);
  return only(closed);
}

function onFilterKey(state: State, key: Key): State {
  if (key === "enter") return { ...state, isTyping: false };
  if (key === "escape") return { ...state, isTyping: false, filter: "", scroll: 0 };
  if (key === "backspace") return { ...state, filter: [...state.filter].slice(0, -1).join("") };
  if (key === "up" || key === "down") return onMove(state, key);
  return [...key].length === 1 ? { ...state, filter: state.filter + key, scroll: 0 } : state;
}

/** Keys that do something with the chosen thing or choose what is shown; undefined for those that move. */
function onCommand(state: State, key: Key): Updated | undefined {
  const panel = PANELS[Number(key) - 1];
  if (panel) return only(toPanel(state, PANELS.indexOf(panel)));
  switch (key) {
    case "q":
      return only(state, { kind: "quit" });
    case "?":
      return only({ ...state, dialog: { kind: "help" } });
    case "/":
      return only({ ...state, isTyping: true, filter: "" });
    case "tab":
      return only(toPanel(state, PANELS.indexOf(state.panel) + 1));
    case "backtab":
      return only(toPanel(state, PANELS.indexOf(state.panel) - 1));
    case "escape":
      return only(
        state.filter ? { ...state, filter: "", scroll: 0 } : { ...state, focus: "list", scroll: 0 },
      );
    case "enter":
      return only(state.focus === "pane" ? state : { ...state, focus: "pane" });
    case "i":
      return only(toPane(state, "details"));
    case "d":
    case "x":
    case "delete":
      return only(askToRemove(state));
    default:
      return state.panel === "containers" ? onContainerKey(state, key) : undefined;
  }
}

function onContainerKey(state: State, key: Key): Updated | undefined {
  const container = chosenContainer(state);
  const act = (verb: Verb): Updated => {
    const row = chosenRow(state);
    return row
      ? only(state, { kind: "act", act: { verb, panel: "containers", id: row.id, name: row.name } })
      : only(state);
  };
  switch (key) {
    case "l":
      return only(toPane(state, "logs"));
    case "s":
      return only(toPane(state, "stats"));
    case "t":
      return only({ ...state, hasTimes: !state.hasTimes });
    case "r":
      return act("restart");
    case "S":
      return act(isRunning(container) || container?.State === "restarting" ? "stop" : "start");
    case "p":
      return act(container?.State === "paused" ? "unpause" : "pause");
    case "e":
      return container?.State === "running"
        ? only(state, { kind: "shell", id: container.Id, name: chosenRow(state)?.name ?? "" })
        : only({
            ...state,
            notice: { kind: "bad", text: "A shell needs a container that runs: S starts it." },
          });
    default:
      return undefined;
  }
}

function askToRemove(state: State): State {
  const row = chosenRow(state);
  if (!row) return state;
  const act: Act = { verb: "remove", panel: state.panel, id: row.id, name: row.name };
  const kind = state.panel.slice(0, -1);
  const more =
    state.panel === "containers" && isRunning(chosenContainer(state)) ? " It runs: it will be killed." : "";
  return { ...state, dialog: { kind: "remove", act, question: `Remove the ${kind} ${row.name}?${more}` } };
}

function toPanel(state: State, index: number): State {
  const panel = PANELS[(index + PANELS.length) % PANELS.length] ?? "containers";
  return { ...state, panel, focus: "list", scroll: 0, filter: "" };
}

/** The pane that is shown has the keys where there is no room for two. */
function toPane(state: State, pane: Pane): State {
  const isAlone = layoutOf({ ...state, focus: "list" }).pane === undefined;
  return {
    ...state,
    pane,
    scroll: 0,
    focus: isAlone ? "pane" : state.focus,
    filter: state.focus === "pane" ? "" : state.filter,
  };
}

function onMove(state: State, key: Key): State {
  const layout = layoutOf(state);
  const isList = state.focus === "list";
  const page = (isList ? listHeight(layout) : paneHeight(layout)) - 1;
  const steps: Readonly<Record<string, number>> = {
    up: -1,
    k: -1,
    down: 1,
    j: 1,
    pageup: -page,
    pagedown: page,
    home: Number.NEGATIVE_INFINITY,
    g: Number.NEGATIVE_INFINITY,
    end: Number.POSITIVE_INFINITY,
    G: Number.POSITIVE_INFINITY,
  };
  const step = steps[key];
  if (step !== undefined) return isList ? choose(state, step) : scrollBy(state, step);
  if (key === "K" || key === "J") return scrollBy(state, key === "K" ? -1 : 1);
  if (key === "left" || key === "h") return { ...state, focus: "list", scroll: 0 };
  if (key === "right") return nextPane(state);
  return state;
}

/** To the right: into the pane, then through what it can show. */
function nextPane(state: State): State {
  if (state.focus === "list") return { ...state, focus: "pane" };
  if (state.panel !== "containers") return state;
  return { ...state, scroll: 0, pane: PANES[(PANES.indexOf(state.pane) + 1) % PANES.length] ?? "details" };
}

function choose(state: State, step: number): State {
  const rows = rowsOf(state);
  const at = rows.findIndex(({ id }) => id === chosenRow(state)?.id);
  const row = rows[Math.max(0, Math.min(rows.length - 1, at + step))];
  if (!row || row.id === state.chosen[state.panel]) return state;
  return { ...state, scroll: 0, chosen: { ...state.chosen, [state.panel]: row.id } };
}

/** No further than there is something to be seen. */
function scrollBy(state: State, step: number): State {
  const isLog = state.panel === "containers" && state.pane === "logs";
  const to = state.scroll + (isLog ? -step : step);
  return {
    ...state,
    scroll: Math.max(0, Math.min(isLog ? logLines(state).length - 1 : hiddenDetails(state), to)),
  };
}

function hiddenDetails(state: State): number {
  const layout = layoutOf(state);
  const width = (layout.pane?.width ?? 0) - 4;
  return Math.max(0, detailRows(state.details.lines, width).length - paneHeight(layout));
}
