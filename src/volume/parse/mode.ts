import { invalidParameter } from "../../base/errors.ts";

export const PROPAGATIONS = ["private", "rprivate", "shared", "rshared", "slave", "rslave"] as const;
const CONSISTENCIES = ["consistent", "cached", "delegated", "default"];

export interface Mode {
  readonly readonly: boolean;
  readonly noCopy: boolean;
  readonly propagation: string;
}

/** At most one of a group may be named. */
function single(mode: string, given: readonly string[], group: readonly string[]): string | undefined {
  const found = given.filter((word) => group.includes(word));
  if (found.length > 1) throw invalidParameter(`invalid mode: ${mode}`);
  return found[0];
}

/** The third part of `-v a:b:MODE`. Labels (z, Z) and consistency are accepted: they ask for nothing on this host. Pure. */
export function parseMode(mode: string, type: "bind" | "volume"): Mode {
  const words = mode === "" ? [] : mode.split(",");
  const access = single(mode, words, ["ro", "rw"]);
  const propagation = single(mode, words, PROPAGATIONS);
  const copy = single(mode, words, ["nocopy"]);
  single(mode, words, ["z", "Z"]);
  single(mode, words, CONSISTENCIES);
  const known = ["ro", "rw", "nocopy", "z", "Z", ...PROPAGATIONS, ...CONSISTENCIES];
  const wrongHere = type === "bind" ? copy !== undefined : propagation !== undefined;
  if (wrongHere || words.some((word) => !known.includes(word)))
    throw invalidParameter(`invalid mode: ${mode}`);
  return {
    readonly: access === "ro",
    noCopy: copy !== undefined,
    propagation: type === "bind" ? (propagation ?? "rprivate") : "",
  };
}
