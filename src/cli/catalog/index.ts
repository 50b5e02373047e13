import { CONTAINER } from "./container.ts";
import { CONTEXT } from "./context.ts";
import { IMAGE } from "./image.ts";
import { MANIFEST } from "./manifest.ts";
import { NETWORK } from "./network.ts";
import { OTHERS } from "./others.ts";
import { REGISTRY } from "./registry.ts";
import type { Row } from "./row.ts";
import { SYSTEM } from "./system.ts";
import { VOLUME } from "./volume.ts";

export { GROUPS, NOUNS } from "./nouns.ts";
export type { Noun, Row } from "./row.ts";

/** Every command. */
export const ROWS: readonly Row[] = [
  ...CONTAINER,
  ...IMAGE,
  ...MANIFEST,
  ...NETWORK,
  ...VOLUME,
  ...CONTEXT,
  ...SYSTEM,
  ...REGISTRY,
  ...OTHERS,
];

export interface Found {
  readonly row: Row;
  /** How many words of the command line name it. */
  readonly words: number;
}

/** The command that the first words of a command line name. */
export function findRow(first: string, second: string | undefined): Found | undefined {
  for (const row of ROWS) {
    const [noun, verb] = row.words;
    if (row.top?.includes(first)) return { row, words: 1 };
    if (verb === undefined) {
      if (noun === first) return { row, words: 1 };
      continue;
    }
    if (second === undefined) continue;
    if (noun === first && (verb === second || row.also?.includes(second))) return { row, words: 2 };
    if (row.elsewhere?.includes(`${first} ${second}`)) return { row, words: 2 };
  }
  return undefined;
}
