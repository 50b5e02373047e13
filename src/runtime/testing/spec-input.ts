import { readFileSync } from "node:fs";
import { release } from "node:os";
import type { Kernel } from "../../kernel/index.ts";
import { ALL_CAPABILITIES } from "../spec/capabilities.ts";
import type { HostInfo, SpecInput } from "../spec/input.ts";

function ownCapabilities(): ReadonlySet<string> {
  const mask = BigInt(`0x${/^CapBnd:\s*(\w+)/m.exec(readFileSync("/proc/self/status", "utf8"))?.[1] ?? "0"}`);
  return new Set(ALL_CAPABILITIES.filter((_, bit) => (mask >> BigInt(bit)) & 1n));
}

const LIMITS = ["core", "fsize", "memlock", "nofile", "nproc", "stack"];

export function hostInfo({ cgroups, processes }: Pick<Kernel, "cgroups" | "processes">): HostInfo {
  return {
    cgroupMode: cgroups.mode,
    controllers: cgroups.controllers,
    architecture: process.arch,
    hardLimits: Object.fromEntries(LIMITS.map((name) => [name, processes.limit(name).hard])),
    capabilities: ownCapabilities(),
    kernel: release(),
    seccomp: true,
    apparmor: false,
  };
}

/** A container as `docker run` makes it, without network. */
export function specInput(
  kernel: Pick<Kernel, "cgroups" | "processes">,
  change: Partial<SpecInput> & Pick<SpecInput, "id" | "rootfs" | "cgroupPath">,
): SpecInput {
  return {
    args: ["true"],
    env: ["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", `HOSTNAME=${change.id}`],
    cwd: "/",
    user: { uid: 0, gid: 0, additionalGids: [] },
    process: {},
    host: {},
    hostname: change.id,
    namespaces: { network: "new", pid: "new", ipc: "new", uts: "new", cgroup: "host", user: "host" },
    mounts: [],
    hostInfo: hostInfo(kernel),
    ...change,
  };
}
