import { conflict } from "../../base/errors.ts";
import type { Container } from "./container.ts";
import { alone, type Kit } from "./kit.ts";
import { publish } from "./publish.ts";

const isUp = ({ state }: Container): boolean => state.status === "running" || state.status === "paused";

/** Refuses a container on its way out. `verb` is for the message. */
export function refuseGone({ id, state }: Container, verb: string): void {
  if (state.status === "dead") throw conflict(`You cannot ${verb} container ${id} which is Dead`);
  if (state.status === "removing")
    throw conflict(`You cannot ${verb} container ${id} which is being removed`);
}

/** The root filesystem as a tar, without what is mounted into it: volumes are only in the container's own view. */
export async function exportRoot(
  kit: Kit,
  reference: string,
  signal: AbortSignal,
): Promise<AsyncIterable<Uint8Array>> {
  const container = kit.table.resolve(reference);
  refuseGone(container, "export");
  await alone(kit, container, async () => kit.layers.mount(container.id));
  publish(kit, container, "export");
  return archive(kit, container, signal);
}

async function* archive(kit: Kit, container: Container, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  try {
    yield* kit.layers.export(container.id, signal);
  } finally {
    // It may have been started, stopped or removed meanwhile; only an idle one is unmounted.
    await kit.queue.run(container.id, async () => {
      if (kit.table.get(container.id) === container && !isUp(container)) kit.layers.unmount(container.id);
    });
  }
}
