import { hasKind, invalidParameter } from "../../base/errors.ts";
import type { Container } from "../containers/container.ts";
import { matchesLabels } from "../containers/filters/labels.ts";
import type { Kit } from "../containers/kit.ts";
import { remove } from "../containers/remove.ts";
import { size } from "../containers/size.ts";
import { isActive } from "../containers/state.ts";
import type { Filters } from "../views.ts";
import { untilFilter } from "./until.ts";

export interface PruneReport {
  readonly deleted: readonly string[];
  /** Bytes. */
  readonly reclaimed: number;
}

const KNOWN = ["label", "label!", "until"];

/** The containers a prune takes: not active, and what the filters leave. Pure but for the clock in `until`. */
function planPrune(containers: Iterable<Container>, filters: Filters): readonly Container[] {
  const unknown = [...filters.keys()].find((name) => !KNOWN.includes(name));
  if (unknown !== undefined) throw invalidParameter(`invalid filter '${unknown}'`);
  const before = untilFilter(filters.get("until") ?? []);
  const [wanted, unwanted] = [filters.get("label") ?? [], filters.get("label!") ?? []];
  return [...containers].filter(({ state, record: { document } }) => {
    const labels = document.config.Labels ?? {};
    const old = before === undefined || Date.parse(document.created) < before;
    const hit = matchesLabels(labels, wanted) && !unwanted.some((text) => matchesLabels(labels, [text]));
    return !isActive(state) && state.status !== "removing" && old && hit;
  });
}

/** Removes every container that is not active. One that is started in between stays. */
export async function pruneContainers(kit: Kit, filters: Filters): Promise<PruneReport> {
  const deleted: string[] = [];
  let reclaimed = 0;
  for (const container of planPrune(kit.table.all(), filters)) {
    const { rw } = await size(kit, container.id);
    try {
      await remove(kit, container.id, { force: false, volumes: false, link: false });
    } catch (error) {
      if (hasKind(error, "conflict") || hasKind(error, "notFound")) continue;
      throw error;
    }
    deleted.push(container.id);
    reclaimed += rw;
  }
  kit.events.publish("container", "prune", "", { reclaimed: String(reclaimed) });
  return { deleted, reclaimed };
}
