import { newId } from "../../base/ids.ts";
import type { Digest } from "../../oci/index.ts";
import type { BuildLayers, BuiltLayer } from "../ports.ts";

/** A mounted snapshot for one step: `rootfs` is its merged folder. Disposing unmounts and removes it. */
export interface Workspace extends AsyncDisposable {
  readonly id: string;
  readonly rootfs: string;
  /** The folder of its own changes. */
  readonly upper: string;
  /** Leaves it to the caller: what is given back removes it, and disposing the workspace does nothing any more. */
  release(): AsyncDisposable;
}

/** `isLasting`: it may be mounted again, so what is in it has to reach the disk. */
export async function openWorkspace(
  layers: BuildLayers,
  parent: Digest | undefined,
  { isLasting = false }: { readonly isLasting?: boolean } = {},
): Promise<Workspace> {
  const id = newId();
  await using undo = new AsyncDisposableStack();
  const { upper } = await layers.prepare(id, parent);
  undo.defer(() => layers.remove(id));
  const rootfs = layers.mount(id, { isVolatile: !isLasting });
  const kept = undo.move();
  let isReleased = false;
  return {
    id,
    rootfs,
    upper,
    release() {
      isReleased = true;
      return kept;
    },
    async [Symbol.asyncDispose]() {
      if (!isReleased) await kept.disposeAsync();
    },
  };
}

/**
 * Makes what a step left in its workspace a layer, of one above nothing a layer above `onto`; the workspace is
 * unmounted first, then `finish` may touch it.
 */
export async function commitWorkspace(
  layers: BuildLayers,
  { id }: Workspace,
  options: { readonly onto: Digest | undefined; readonly signal: AbortSignal; readonly finish: () => void },
): Promise<BuiltLayer> {
  layers.unmount(id);
  options.finish();
  return layers.commit(id, options.signal, options.onto);
}
