import type { Kernel } from "../index.ts";
import { LinuxCgroups } from "./cgroups.ts";
import { EventLoop } from "./event-loop.ts";
import { files } from "./files.ts";
import { mounts } from "./mounts.ts";
import { createNamespaces } from "./namespaces.ts";
import { netlink } from "./netlink.ts";
import { createPacketSockets } from "./packet-sockets.ts";
import { createProcesses } from "./processes.ts";
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
    namespaces: createNamespaces(mounts),
    netlink,
    processes: createProcesses(loop),
    packetSockets: createPacketSockets(loop),
    unixDatagrams,
    files,
    cgroups: new LinuxCgroups(mounts),
    usage: new LinuxUsage(mounts),
  };
}
