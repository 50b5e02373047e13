import type { Cgroups } from "./cgroups.ts";
import type { Children } from "./children.ts";
import type { Conntrack } from "./conntrack.ts";
import type { ContainerMounts } from "./container-mounts.ts";
import type { Files } from "./files.ts";
import type { Netlink } from "./links.ts";
import type { Mounts } from "./mounts.ts";
import type { Namespaces } from "./namespaces.ts";
import type { PacketSockets } from "./packet-sockets.ts";
import type { Processes } from "./processes.ts";
import type { Quotas } from "./quotas.ts";
import type { Redirects } from "./redirects.ts";
import type { Sctp } from "./sctp.ts";
import type { Sockets } from "./sockets.ts";
import type { Subvolumes } from "./subvolumes.ts";
import type { UnixDatagrams } from "./unix-datagrams.ts";
import type { Usage } from "./usage.ts";

export * from "./cgroups.ts";
export * from "./children.ts";
export * from "./conntrack.ts";
export * from "./container-mounts.ts";
export * from "./errors.ts";
export * from "./files.ts";
export * from "./links.ts";
export { linuxKernel } from "./linux/index.ts";
export * from "./mounts.ts";
export * from "./namespaces.ts";
export * from "./packet-sockets.ts";
export * from "./processes.ts";
export * from "./quotas.ts";
export * from "./redirects.ts";
export * from "./sctp.ts";
export * from "./sockets.ts";
export * from "./subvolumes.ts";
export * from "./unix-datagrams.ts";
export * from "./usage.ts";

/** Everything the engine asks of the kernel; a consumer declares the part it needs with `Pick<Kernel, ...>`. */
export interface Kernel {
  readonly mounts: Mounts;
  readonly containerMounts: ContainerMounts;
  readonly namespaces: Namespaces;
  readonly netlink: Netlink;
  readonly processes: Processes;
  readonly children: Children;
  readonly packetSockets: PacketSockets;
  readonly sockets: Sockets;
  readonly redirects: Redirects;
  readonly unixDatagrams: UnixDatagrams;
  readonly files: Files;
  readonly quotas: Quotas;
  readonly cgroups: Cgroups;
  readonly sctp: Sctp;
  readonly conntrack: Conntrack;
  readonly usage: Usage;
  readonly subvolumes: Subvolumes;
}
