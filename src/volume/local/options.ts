import { lookup } from "node:dns/promises";
import { isIPv4 } from "node:net";
import { getSystemErrorMessage } from "node:util";
import { errnoOf, invalidParameter, messageOf, systemError } from "../../base/errors.ts";
import { KernelError, type MountFlag, type MountRequest } from "../../kernel/index.ts";
import { parseSize } from "../parse/size.ts";

type Options = Readonly<Record<string, string>>;

const KNOWN = ["type", "o", "device", "size"];
/** What an option needs beside it. */
const NEEDED = [
  ["device", "type"],
  ["type", "device"],
  ["o", "device"],
  ["o", "type"],
] as const;

/** By the names of mount(8), with their numbers: Docker's text shows these. */
const FLAGS: Partial<Record<MountFlag, number>> = {
  ro: 0x1,
  nosuid: 0x2,
  nodev: 0x4,
  noexec: 0x8,
  sync: 0x10,
  dirsync: 0x80,
  noatime: 0x400,
  nodiratime: 0x800,
  bind: 0x1000,
  rbind: 0x5000,
  relatime: 0x200000,
  strictatime: 0x1000000,
  private: 0,
  rprivate: 0,
  shared: 0,
  rshared: 0,
  slave: 0,
  rslave: 0,
  unbindable: 0,
  runbindable: 0,
};
/** Words that take a flag back, as in mount(8); "defaults" asks for nothing. */
const OPPOSITES: Readonly<Record<string, MountFlag | undefined>> = {
  rw: "ro",
  suid: "nosuid",
  dev: "nodev",
  exec: "noexec",
  async: "sync",
  atime: "noatime",
  diratime: "nodiratime",
  norelatime: "relatime",
  nostrictatime: "strictatime",
  defaults: undefined,
};

/** Bytes a volume may hold; 0 for no limit. */
export const sizeLimit = ({ size }: Options): number => (size === undefined ? 0 : parseSize(size));

/**
 * The options of `volume create` for the local driver. `hasQuotas` is asked where a size is given. Throws
 * invalidParameter in Docker's words.
 */
export function checkLocalOptions(options: Options, hasQuotas: () => boolean): void {
  const unknown = Object.keys(options).find((key) => !KNOWN.includes(key));
  if (unknown !== undefined) throw invalidParameter(`invalid option: "${unknown}"`);
  const { type, device } = options;
  if (type === "cifs" && device && /^\/\/[^/]*:\d+(?:\/|$)/.test(device))
    throw invalidParameter("port not allowed in CIFS device URL, include 'port' in 'o='");
  if (sizeLimit(options) > 0 && !hasQuotas())
    throw invalidParameter("quota size requested but no quota support");
  for (const [option, needed] of NEEDED) {
    if (option in options && !(needed in options))
      throw invalidParameter(`missing required option: "${needed}"`);
  }
}

/**
 * The mount a volume with `type`, `o` and `device` stands for; undefined for a plain one. `o` is a mount(8) option list:
 * known words become flags, the rest goes to the filesystem. Pure.
 */
export function mountOf(options: Options, target: string): MountRequest | undefined {
  const { type = "", o = "", device = "" } = options;
  if (type === "" && device === "") return undefined;
  const words = o.split(",").filter((word) => word !== "");
  const flags = new Set<MountFlag>();
  const data: string[] = [];
  for (const word of words) {
    if (Object.hasOwn(FLAGS, word)) flags.add(word as MountFlag);
    else if (!Object.hasOwn(OPPOSITES, word)) data.push(word);
    else if (OPPOSITES[word]) flags.delete(OPPOSITES[word]);
  }
  const isBind = flags.has("bind") || flags.has("rbind");
  return {
    source: device,
    target,
    ...(isBind || type === "" ? {} : { type }),
    flags: [...flags],
    ...(data.length > 0 ? { data: data.join(",") } : {}),
  };
}

/** The kernel takes only an address where people write a host's name. */
export async function withAddress(request: MountRequest): Promise<MountRequest> {
  const name = /(?:^|,)addr=([^,]*)/.exec(request.data ?? "")?.[1];
  if (!["nfs", "nfs4", "cifs"].includes(request.type ?? "") || !name || isIPv4(name)) return request;
  try {
    const { address } = await lookup(name);
    return { ...request, data: request.data?.replace(`addr=${name}`, `addr=${address}`) };
  } catch (cause) {
    throw systemError(`error resolving passed in network volume address: ${messageOf(cause)}`, cause);
  }
}

const withoutPassword = (data: string): string => data.replace(/password=[^,]*/, "password=********");

/** What the kernel refused, in Docker's form. */
export function mountFailure(request: MountRequest, cause: unknown): Error {
  const { source, target, type, data, flags = [] } = request;
  const number = flags.reduce((sum, flag) => sum | (FLAGS[flag] ?? 0), 0);
  const reason = cause instanceof KernelError ? getSystemErrorMessage(-cause.errno) : messageOf(cause);
  const hint = errnoOf(cause) === "ENODEV" && type ? `: this kernel has no filesystem "${type}"` : "";
  const what = `${source}:${target}${number > 0 ? `, flags: 0x${number.toString(16)}` : ""}${data ? `, data: ${withoutPassword(data)}` : ""}`;
  return systemError(
    `error while mounting volume '${target}': failed to mount local volume: mount ${what}: ${reason}${hint}`,
    cause,
  );
}
