import type { Container } from "./container.ts";
import type { Kit } from "./kit.ts";
import { releaseVolumes } from "./mounts.ts";

function failuresOf(results: readonly PromiseSettledResult<unknown>[]): readonly unknown[] {
  return results.flatMap((result) => (result.status === "rejected" ? [result.reason] : []));
}

const attempt = (body: () => unknown): Promise<unknown> => Promise.try(body);

/**
 * Takes back what a start made: process leftovers, network, mounts. The caller holds the container. Goes on through
 * errors and throws them together.
 */
export async function tearDown(kit: Kit, container: Container): Promise<void> {
  const trace = kit.trace("tear down", container.id.slice(0, 12));
  const { id } = container;
  const work = async () => {
    const first = await Promise.allSettled([
      trace.step("runtime", () => attempt(() => kit.runtime.remove(id))),
      trace.step("network", () => attempt(() => kit.networks.tearDown(id))),
      ...releaseVolumes(kit, container).map(attempt),
    ]);
    const second = await Promise.allSettled([
      trace.step("unmount", () => attempt(() => kit.layers.unmount(id))),
      attempt(() => kit.shm.remove(id)),
    ]);
    const errors = failuresOf([...first, ...second]);
    if (errors.length === 1) throw errors[0];
    if (errors.length > 1) throw new AggregateError(errors, `could not release everything container ${id} used`);
  };
  const release = work();
  const quiet = release.catch(() => undefined);
  kit.releasing.add(quiet);
  try {
    await release;
  } finally {
    kit.releasing.delete(quiet);
    trace.end();
  }
}
