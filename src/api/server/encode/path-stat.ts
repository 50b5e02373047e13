import { constants } from "node:fs";
import type { PathStat } from "../ports.ts";

const { S_IFMT, S_IFDIR, S_IFLNK, S_IFBLK, S_IFCHR, S_IFIFO, S_IFSOCK } = constants;
const DEVICE = 2 ** 26;

/** Go's os.FileMode of a file type: bits above the permissions, of its own numbering. */
const TYPE_BITS: Readonly<Record<number, number>> = {
  [S_IFDIR]: 2 ** 31,
  [S_IFLNK]: 2 ** 27,
  [S_IFBLK]: DEVICE,
  [S_IFCHR]: DEVICE + 2 ** 21,
  [S_IFIFO]: 2 ** 25,
  [S_IFSOCK]: 2 ** 24,
};
/** setuid, setgid and sticky of stat(2), and their places in Go's mode. */
const SPECIAL_BITS = [
  [0o4000, 2 ** 23],
  [0o2000, 2 ** 22],
  [0o1000, 2 ** 20],
] as const;

/** st_mode of stat(2) as Go's os.FileMode, which clients expect. Pure. */
export function goFileMode(mode: number): number {
  const special = SPECIAL_BITS.filter(([bit]) => (mode & bit) !== 0).map(([, go]) => go);
  return [mode & 0o777, TYPE_BITS[mode & S_IFMT] ?? 0, ...special].reduce((sum, bit) => sum + bit, 0);
}

/** The header X-Docker-Container-Path-Stat. */
export const pathStatHeader = ({ name, size, mode, mtime, linkTarget }: PathStat) => ({
  "X-Docker-Container-Path-Stat": Buffer.from(
    JSON.stringify({ name, size, mode: goFileMode(mode), mtime, linkTarget }),
  ).toString("base64"),
});
