import { existsSync, readdirSync, readFileSync } from "node:fs";
import { cpus, hostname, release, totalmem } from "node:os";
import { errnoOf } from "../base/errors.ts";
import { ALL_CAPABILITIES } from "../runtime/index.ts";

/** What the engine tells of the machine it runs on; read once. */
export interface HostFacts {
  readonly name: string;
  readonly kernelVersion: string;
  readonly operatingSystem: string;
  readonly osVersion: string;
  readonly architecture: string;
  readonly cpus: number;
  /** Nodes that have memory, as the kernel lists them: "0-1,3". */
  readonly memoryNodes: string;
  readonly memory: number;
  /** Without "CAP_". */
  readonly capabilities: ReadonlySet<string>;
  readonly seccomp: boolean;
  readonly apparmor: boolean;
}

export function readIfThere(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    if (["ENOENT", "ENOTDIR", "EACCES"].includes(errnoOf(error) ?? "")) return "";
    throw error;
  }
}

/** The `CapBnd` line of proc_pid_status(5), as names. Pure. */
export function parseCapabilities(status: string): ReadonlySet<string> {
  const mask = BigInt(`0x${/^CapBnd:\s*([0-9a-f]+)$/m.exec(status)?.[1] ?? "0"}`);
  return new Set(ALL_CAPABILITIES.filter((_, bit) => (mask >> BigInt(bit)) & 1n));
}

/** Keys of os-release(5), quotes removed. Pure. */
export function parseOsRelease(text: string): ReadonlyMap<string, string> {
  return new Map(
    [...text.matchAll(/^([A-Z_]+)=(?:"(.*)"|(.*))$/gm)].map(([, key, quoted, bare]) => [
      key ?? "",
      quoted ?? bare ?? "",
    ]),
  );
}

const ARCHITECTURES: Readonly<Record<string, string>> = { x64: "x86_64", arm64: "aarch64" };

export function readHostFacts(): HostFacts {
  const os = parseOsRelease(readIfThere("/etc/os-release") || readIfThere("/usr/lib/os-release"));
  const status = readFileSync("/proc/self/status", "utf8");
  return {
    name: hostname(),
    kernelVersion: release(),
    operatingSystem: os.get("PRETTY_NAME") ?? "Linux",
    osVersion: os.get("VERSION_ID") ?? "",
    architecture: ARCHITECTURES[process.arch] ?? process.arch,
    cpus: cpus().length,
    // A kernel without NUMA has one node, and no such file.
    memoryNodes: readIfThere("/sys/devices/system/node/has_memory").trim() || "0",
    memory: totalmem(),
    capabilities: parseCapabilities(status),
    seccomp: /^Seccomp:/m.test(status),
    apparmor: existsSync("/sys/kernel/security/apparmor/profiles"),
  };
}

/** What `info` tells that may change while the engine runs. */
export const readSwitches = () => ({
  ipv4Forwarding: readIfThere("/proc/sys/net/ipv4/ip_forward").trim() === "1",
  fileDescriptors: readdirSync("/proc/self/fd").length,
});
