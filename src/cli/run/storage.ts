import { resolve } from "node:path";
import type { WireSet } from "../../api/schema/container-config.ts";

/** `--volume` words: those with two places are binds, a place alone is an anonymous volume. */
export function readVolumes(words: readonly string[]): {
  readonly binds: readonly string[];
  readonly anonymous: WireSet;
} {
  const binds: string[] = [];
  const anonymous: Record<string, Record<string, never>> = {};
  for (const word of new Set(words)) {
    const colon = word.indexOf(":");
    if (colon < 0) anonymous[word] = {};
    else binds.push(`${hostPath(word.slice(0, colon))}${word.slice(colon)}`);
  }
  return { binds, anonymous };
}

/** The engine does not know the folder that a relative path was said in. */
const hostPath = (path: string): string => (/^\.{1,2}(\/|$)/.test(path) ? resolve(path) : path);

/** `--tmpfs path[:options]`. */
export const readTmpfs = (words: readonly string[]): Readonly<Record<string, string>> =>
  Object.fromEntries(
    words.map((word) => {
      const colon = word.indexOf(":");
      return colon < 0 ? [word, ""] : [word.slice(0, colon), word.slice(colon + 1)];
    }),
  );

export function readStorageOptions(words: readonly string[]): Readonly<Record<string, string>> {
  return Object.fromEntries(
    words.map((word) => {
      const at = word.indexOf("=");
      if (at < 0) throw new Error("invalid storage option");
      return [word.slice(0, at), word.slice(at + 1)];
    }),
  );
}
