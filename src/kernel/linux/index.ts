import type { Kernel } from "../index.ts";
import { LinuxCgroups } from "./cgroups.ts";
import { children } from "./children.ts";
import { createContainerMounts } from "./container-mounts.ts";
import { EventLoop } from "./event-loop.ts";
import { files } from "./files.ts";
import { frames } from "./frames.ts";
import { kernelLog } from "./kernel-log.ts";
import { mounts } from "./mounts.ts";
import { createNamespaces } from "./namespaces.ts";
import { conntrack, netlink, redirects } from "./netlink.ts";
import { createPacketSockets } from "./packet-sockets.ts";
import { createProcesses } from "./processes.ts";
import { quotas } from "./quotas.ts";
import { sctp } from "./sctp.ts";
import { sockets } from "./sockets.ts";
import { subvolumes } from "./subvolumes.ts";
import { unixDatagrams } from "./unix-datagrams.ts";
import { LinuxUsage } from "./usage.ts";

/**
 * The kernel of this machine. Cheap to make: C functions are bound by their first call, and the one worker thread starts
 * with the first packet socket or awaited process. Each thread that needs the kernel makes its own.
 */
export function linuxKernel(): Kernel {
  const loop = new EventLoop();
  return {
    mounts,
    containerMounts: createContainerMounts(files),
    namespaces: createNamespaces(mounts),
    netlink,
    processes: createProcesses(loop),
    children,
    packetSockets: createPacketSockets(loop),
    sockets,
    redirects,
    unixDatagrams,
    files,
    frames,
    quotas,
    cgroups: new LinuxCgroups(mounts, loop),
    sctp,
    conntrack,
    usage: new LinuxUsage(mounts),
    kernelLog,
    subvolumes,
  };
}
