import { conflict } from "../../base/errors.ts";
import type { Kit } from "./kit.ts";
import { isRunning } from "./state.ts";

/** The size of the container's terminal, in characters. */
export async function resize(
  kit: Kit,
  reference: string,
  dimensions: { readonly width: number; readonly height: number },
): Promise<void> {
  const container = kit.table.resolve(reference);
  if (!isRunning(container.state)) throw conflict(`container ${container.id} is not running`);
  await kit.runtime.resize(container.id, dimensions);
  kit.events.publish("container", "resize", container.id, {
    image: container.record.document.imageName,
    name: container.name,
    height: String(dimensions.height),
    width: String(dimensions.width),
  });
}
