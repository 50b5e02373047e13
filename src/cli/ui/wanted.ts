import { firstShown, layoutOf, listHeight } from "./layout.ts";
import { chosenContainer, chosenRow, isRunning, rowsOf } from "./rows.ts";
import type { Panel, State } from "./state.ts";

/** What is to be followed of the engine so that the picture is true, and no more. */
export interface Wanted {
  /** Another life of the same container has another key. */
  readonly log: { readonly key: string; readonly id: string } | undefined;
  /** Asked for anew with each key. */
  readonly details: { readonly key: string; readonly panel: Panel; readonly id: string } | undefined;
  /** Containers that are measured. */
  readonly stats: readonly string[];
}

const NOTHING: Wanted = { log: undefined, details: undefined, stats: [] };

export function wantedBy(state: State): Wanted {
  if (state.link !== "up") return NOTHING;
  const { panel, pane } = state;
  const row = chosenRow(state);
  const hasPane = row !== undefined && layoutOf(state).pane !== undefined;
  const isContainer = panel === "containers";
  const isLog = hasPane && isContainer && pane === "logs";
  const isDetails = hasPane && (!isContainer || pane === "details");
  return {
    log: isLog ? { id: row.id, key: `${row.id} ${state.lives.get(row.id) ?? 0}` } : undefined,
    details: isDetails ? { panel, id: row.id, key: `${panel} ${row.id} ${state.listedAt}` } : undefined,
    stats: isContainer ? measured(state) : [],
  };
}

/** Those that run and are on the screen. */
function measured(state: State): readonly string[] {
  const layout = layoutOf(state);
  const rows = rowsOf(state);
  const height = layout.list ? listHeight(layout) : 0;
  const first = firstShown(
    rows.findIndex(({ id }) => id === chosenRow(state)?.id),
    rows.length,
    height,
  );
  const running = new Set(state.things.containers.filter(isRunning).map(({ Id }) => Id));
  const shown = rows.slice(first, first + height).map(({ id }) => id);
  const chosen = chosenContainer(state);
  return [...new Set([...shown, ...(chosen ? [chosen.Id] : [])])].filter((id) => running.has(id));
}
