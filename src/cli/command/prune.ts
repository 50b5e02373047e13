import type { Context } from "../context.ts";
import { formatSize } from "../format/units.ts";
import { confirm } from "./ask.ts";

type Filters = ReadonlyMap<string, readonly string[]>;

export interface Pruned {
  readonly title: string;
  readonly removed: readonly string[];
  readonly space: number;
}

export interface PruneOptions {
  readonly warning: string;
  readonly force: boolean;
  readonly filter: Filters;
  readonly act: (filters: Filters) => Promise<Pruned>;
  /** Networks take no space that is worth telling. */
  readonly tellsSpace?: boolean;
}

/** The filters of the user's configuration and those of the command line. */
export function pruneFilters({ config }: Pick<Context, "config">, filter: Filters): Filters {
  const all = new Map(filter);
  for (const word of config().pruneFilters ?? []) {
    const at = word.indexOf("=");
    const [name, value] = at < 0 ? [word, ""] : [word.slice(0, at), word.slice(at + 1)];
    const opposite = name === "label" ? "label!" : name === "label!" ? "label" : "";
    if (!filter.get(opposite)?.includes(value)) all.set(name, [...(all.get(name) ?? []), value]);
  }
  return all;
}

/** Removes what is not used, after asking, and says what is gone. */
export async function prune(context: Context, options: PruneOptions): Promise<number> {
  const { force, warning, filter, act, tellsSpace = true } = options;
  if (!force && !(await confirm(context, `${warning}\nAre you sure you want to continue?`))) return 0;
  const { title, removed, space } = await act(pruneFilters(context, filter));
  if (removed.length > 0) context.out.write(`${title}\n${removed.join("\n")}\n\n`);
  if (tellsSpace) context.out.write(`Total reclaimed space: ${formatSize(space)}\n`);
  return 0;
}
