import { invalidParameter } from "../../base/errors.ts";

export const PROPAGATIONS = ["private", "rprivate", "shared", "rshared", "slave", "rslave"] as const;

/** The words of a mode, of which each kind may be named once. */
const KINDS = {
  access: ["rw", "ro"],
  label: ["z", "Z"],
  propagation: PROPAGATIONS,
  copy: ["nocopy"],
  consistency: ["consistent", "cached", "delegated"],
} as const;
type Kind = keyof typeof KINDS;

export type Mode = Readonly<Partial<Record<Kind, string>>>;

/** `-v a:b:MODE`, read word by word; undefined for what is no mode. Pure. */
export function readMode(mode: string): Mode | undefined {
  if (mode === "") return {};
  const found: Partial<Record<Kind, string>> = {};
  for (const word of mode.split(",")) {
    const entry = Object.entries(KINDS).find(([, words]) => words.some((known) => known === word));
    const kind = entry?.[0] as Kind | undefined;
    if (kind === undefined || found[kind] !== undefined) return undefined;
    found[kind] = word;
  }
  return found;
}

/** Throws invalidParameter in Docker's words. Labels (z, Z) and consistency ask for nothing on this host. */
export function parseMode(mode: string): Mode {
  const read = readMode(mode);
  if (!read) throw invalidParameter(`invalid mode: ${mode}`);
  return read;
}
