import { messageOf } from "../../base/errors.ts";
import type { Container } from "./container.ts";
import { releaseShm } from "./donors.ts";
import type { Kit } from "./kit.ts";
import { releaseMounts } from "./mounts.ts";
import { publishEndpoints } from "./publish.ts";

function failuresOf(results: readonly PromiseSettledResult<unknown>[]): readonly unknown[] {
  return results.flatMap((result) => (result.status === "rejected" ? [result.reason] : []));
}

/** Fine when the container has no network of its own. */
export async function tearDownNetwork(kit: Kit, id: string): Promise<void> {
  const endpoints = kit.networks.sandbox(id)?.endpoints ?? [];
  await kit.networks.tearDown(id);
  publishEndpoints(kit, id, "disconnect", endpoints);
}

const RELEASE_FAILED = "could not release everything of container";

const attempt = (body: () => unknown): Promise<unknown> => Promise.try(body);

/**
 * Takes back what a start made: process leftovers, network, mounts. The caller holds the container. Goes on through
 * errors and throws them together.
 */
export async function tearDown(kit: Kit, container: Container): Promise<void> {
  const trace = kit.trace("tear down", container.id.slice(0, 12));
  const { id } = container;
  container.unreleased = false;
  const work = async () => {
    const first = await Promise.allSettled([
      trace.step("runtime", () => attempt(() => kit.runtime.remove(id))),
      trace.step("network", () => attempt(() => tearDownNetwork(kit, id))),
      ...releaseMounts(kit, container).map(attempt),
    ]);
    const second = await Promise.allSettled([
      trace.step("unmount", () => attempt(() => kit.layers.unmount(id))),
      attempt(() => releaseShm(kit, container)),
    ]);
    const errors = failuresOf([...first, ...second]);
    if (errors.length === 1) throw errors[0];
    if (errors.length > 1)
      throw new AggregateError(errors, `${RELEASE_FAILED} ${id}: ${errors.map(messageOf).join("; ")}`);
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

/** Takes back what is still there of a life that has ended. The caller holds the container. */
export async function releaseEnded(kit: Kit, container: Container): Promise<void> {
  if (container.unreleased) await tearDown(kit, container);
}
