import type { Cgroups } from "./cgroups.ts";
import type { Files } from "./files.ts";
import type { Netlink } from "./links.ts";
import type { Mounts } from "./mounts.ts";
import type { Namespaces } from "./namespaces.ts";
import type { PacketSockets } from "./packet-sockets.ts";
import type { Processes } from "./processes.ts";
import type { UnixDatagrams } from "./unix-datagrams.ts";
import type { Usage } from "./usage.ts";

export * from "./cgroups.ts";
export * from "./errors.ts";
export * from "./files.ts";
export * from "./links.ts";
export { linuxKernel } from "./linux/index.ts";
export * from "./mounts.ts";
export * from "./namespaces.ts";
export * from "./packet-sockets.ts";
export * from "./processes.ts";
export * from "./unix-datagrams.ts";
export * from "./usage.ts";

/** Everything the engine asks of the kernel; a consumer declares the part it needs with `Pick<Kernel, ...>`. */
export interface Kernel {
  readonly mounts: Mounts;
  readonly namespaces: Namespaces;
  readonly netlink: Netlink;
  readonly processes: Processes;
  readonly packetSockets: PacketSockets;
  readonly unixDatagrams: UnixDatagrams;
  readonly files: Files;
  readonly cgroups: Cgroups;
  readonly usage: Usage;
}
