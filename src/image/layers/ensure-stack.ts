import { invalidParameter } from "../../base/errors.ts";
import { chainIds, type Digest } from "../../oci/index.ts";
import { MAX_LAYERS, type WantedLayer } from "./read-only-layers.ts";

export type StackedLayer = WantedLayer & { readonly diffId: Digest };

/**
 * Brings all layers of an image about, lowest first in the list. They are worked on side by side, and each becomes
 * visible when those below it are. The first failure stops the others.
 */
export async function ensureStack<L extends { readonly diffId: Digest; readonly blob: Digest }>(
  layers: readonly L[],
  { signal }: { readonly signal: AbortSignal | undefined },
  ensure: (wanted: L & StackedLayer, options: { readonly signal: AbortSignal }) => Promise<unknown>,
): Promise<void> {
  if (layers.length > MAX_LAYERS)
    throw invalidParameter(`max depth exceeded: an image can have ${MAX_LAYERS} layers`);
  const stop = new AbortController();
  const both = signal ? AbortSignal.any([signal, stop.signal]) : stop.signal;
  const chain = chainIds(layers.map(({ diffId }) => diffId));
  const working: Promise<unknown>[] = [];
  let failure: unknown;
  for (const [index, layer] of layers.entries()) {
    const place = { parent: chain[index - 1], below: working.at(-1) ?? Promise.resolve() };
    const work = ensure({ ...layer, ...place }, { signal: both });
    work.catch((error: unknown) => {
      failure ??= error;
      stop.abort();
    });
    working.push(work);
  }
  await Promise.allSettled(working);
  if (failure !== undefined) throw failure;
}
