import { invalidParameter } from "../../base/errors.ts";
import type { MountFlag, MountRequest } from "../../kernel/index.ts";

const FLAGS: readonly MountFlag[] = [
  "ro",
  "nosuid",
  "nodev",
  "noexec",
  "noatime",
  "nodiratime",
  "relatime",
  "bind",
  "rbind",
];

/**
 * The mount a volume with `type`, `o` and `device` options stands for; undefined for a plain one. `o` is a mount(8)
 * option list: known flags become flags, the rest goes to the filesystem. Pure.
 */
export function mountOf(
  name: string,
  options: Readonly<Record<string, string>>,
  target: string,
): MountRequest | undefined {
  const unknown = Object.keys(options).filter((key) => !["type", "o", "device"].includes(key));
  if (unknown.length > 0) throw invalidParameter(`create ${name}: invalid option: "${unknown[0]}"`);
  if (Object.keys(options).length === 0) return undefined;
  const { type = "", o = "", device = "" } = options;
  if (device === "") throw invalidParameter(`create ${name}: missing required option: "device"`);
  const words = o.split(",").filter((word) => word !== "");
  const flags = words.flatMap((word) => FLAGS.filter((flag) => flag === word));
  const isBind = type === "none" || flags.includes("bind") || flags.includes("rbind");
  if (type === "" && !isBind) throw invalidParameter(`create ${name}: missing type in volume options`);
  const data = words.filter((word) => !flags.some((flag) => flag === word)).join(",");
  return {
    source: device,
    target,
    ...(isBind ? {} : { type }),
    flags: isBind && !flags.includes("rbind") && !flags.includes("bind") ? [...flags, "bind"] : flags,
    ...(data && { data }),
  };
}
