import { digestOf } from "./digest.ts";
import type { Digest } from "./image-config.ts";

/** The chainID of a layer above `parent` (OCI image-spec config.md, "Layer ChainID"). */
export const chainIdAbove = (parent: Digest | undefined, diffId: Digest): Digest =>
  parent === undefined ? diffId : digestOf(`${parent} ${diffId}`);

/** The chainIDs of a whole stack, lowest first: one for each diffID. */
export function chainIds(diffIds: readonly Digest[]): readonly Digest[] {
  const chain: Digest[] = [];
  for (const diffId of diffIds) chain.push(chainIdAbove(chain.at(-1), diffId));
  return chain;
}
