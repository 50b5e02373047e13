import type { Container } from "../containers/container.ts";
import { linksOf } from "../containers/links.ts";
import { donorOf } from "../containers/modes.ts";
import type { ContainerTable } from "../containers/table.ts";

/** Ids of containers that have to run before this one can: sources of its links, and those whose namespaces it shares. */
export function needsOf(table: ContainerTable, container: Container): ReadonlySet<string> {
  const { NetworkMode, IpcMode, PidMode } = container.record.document.hostConfig;
  const donors = [NetworkMode, IpcMode, PidMode].flatMap((mode) => {
    const reference = donorOf(mode);
    return reference === undefined ? [] : (table.find(reference)?.id ?? []);
  });
  return new Set([...donors, ...linksOf({ table }, container).map(({ source }) => source.id)]);
}

/**
 * Starts containers side by side, each of them when those it needs have been started, whether that went well or not.
 * What needs a later one of the list does not wait for it, so that nothing waits for itself.
 */
export async function inOrder(
  containers: readonly Container[],
  needs: (container: Container) => ReadonlySet<string>,
  start: (container: Container) => Promise<void>,
): Promise<void> {
  const started = new Map<string, Promise<void>>();
  for (const container of containers) {
    const before = [...needs(container)].flatMap((id) => started.get(id) ?? []);
    started.set(
      container.id,
      Promise.all(before).then(() => start(container)),
    );
  }
  await Promise.all(started.values());
}
