import { invalidParameter } from "../../base/errors.ts";

const DEFAULTS = ["noexec", "nosuid", "nodev", "rprivate"];

/** Options that exclude each other, the later one counts. */
const GROUPS: readonly (readonly string[])[] = [
  ["noexec", "exec"],
  ["nosuid", "suid"],
  ["nodev", "dev"],
  ["ro", "rw"],
  ["sync", "async"],
  ["atime", "noatime"],
  ["diratime", "nodiratime"],
  ["relatime", "norelatime"],
  ["strictatime", "nostrictatime"],
  ["private", "rprivate", "shared", "rshared", "slave", "rslave", "unbindable", "runbindable"],
  ["bind", "rbind"],
];
const VALUES: ReadonlySet<string> = new Set(["mode", "uid", "gid", "size", "nr_inodes", "nr_blocks", "mpol"]);

function keyOf(option: string): string {
  const group = GROUPS.find((names) => names.includes(option));
  if (group) return group[0] ?? option;
  const name = option.split("=", 1)[0] ?? "";
  if (option === "defaults" || (option.includes("=") && VALUES.has(name))) return name;
  throw invalidParameter(`Invalid tmpfs option "${option}"`);
}

/** Options of a tmpfs from Docker's `--tmpfs` text, on top of Docker's defaults. */
export function tmpfsOptions(text: string): readonly string[] {
  const merged = new Map<string, string>();
  for (const option of [...DEFAULTS, ...text.split(",").filter(Boolean)]) {
    const key = keyOf(option);
    merged.delete(key);
    if (option !== "defaults") merged.set(key, option);
  }
  return [...merged.values()];
}
