import { existsSync, globSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { execute } from "./docker-cli.ts";

/** What an engine under test owns on the machine, by which its traces are recognised. */
export interface Footprint {
  /** A path component that is in every path it uses. */
  readonly name: string;
  readonly netns: string;
  readonly cgroupParent: string;
  /** Mounts of the place itself, which stay until the place is given back. */
  readonly ownMounts: readonly string[];
}

const readOr = (path: string, otherwise: string): string => {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return otherwise;
  }
};

/** Processes whose command line names the engine's folders: itself, its monitors, their runtimes. */
function processesOf(name: string): readonly { readonly pid: number; readonly command: string }[] {
  return readdirSync("/proc")
    .filter((entry) => /^\d+$/.test(entry) && Number(entry) !== process.pid)
    .map((entry) => ({
      pid: Number(entry),
      command: readOr(`/proc/${entry}/cmdline`, "").replaceAll("\0", " "),
    }))
    .filter(({ command }) => command.includes(name));
}

/** Ends what an engine that failed has left running, the containers under its monitors first. */
export function endProcesses(name: string): void {
  for (const { pid } of processesOf(name)) {
    const children = readOr(`/proc/${pid}/task/${pid}/children`, "").split(" ").filter(Boolean).map(Number);
    for (const victim of [...children, pid]) signal(victim);
  }
}

function signal(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch (error) {
    // it has ended by itself
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}

const mountsOf = (name: string): readonly string[] =>
  readFileSync("/proc/self/mountinfo", "utf8")
    .split("\n")
    .map((line) => line.split(" ")[4] ?? "")
    .filter((path) => path.includes(name));

/** So that the folders of an engine that failed can be removed. */
export async function unmountAll(name: string): Promise<void> {
  // `ip netns add` has a mount of that name as well, which goes with the namespace
  for (const path of mountsOf(name).toReversed()) {
    if (path !== `/run/netns/${name}`) await execute("umount", ["-l", path]);
  }
}

const cgroupsOf = (parent: string): readonly string[] =>
  globSync([`/sys/fs/cgroup/*/${parent}/*`, `/sys/fs/cgroup/${parent}/*`])
    .filter((path) => existsSync(join(path, "cgroup.procs")))
    .map((path) => `cgroup ${path}`);

async function vethsOf(netns: string): Promise<readonly string[]> {
  const { stdout } = await execute("ip", ["-n", netns, "-o", "link", "show", "type", "veth"]);
  return stdout
    .split("\n")
    .filter(Boolean)
    .map((line) => `veth ${line.slice(0, 60)}`);
}

/** How long a monitor may take for its last steps, or the kernel to free a namespace: much less but on a machine that hangs, ms. */
const LAST_STEPS = 20_000;

/** The traces that stay. Those which are on their way out are waited for. */
export async function lasting(footprint: Footprint): Promise<readonly string[]> {
  const deadline = Date.now() + LAST_STEPS;
  for (;;) {
    const found = await leftovers(footprint);
    if (found.length === 0 || Date.now() > deadline) return found;
    await sleep(20);
  }
}

/** Every trace of containers an engine has left: mounts, veths, cgroups and processes. None is the only good answer. */
export async function leftovers(footprint: Footprint): Promise<readonly string[]> {
  const { name, netns, cgroupParent, ownMounts } = footprint;
  const mounts = mountsOf(name).filter((path) => !ownMounts.includes(path));
  const veths = await vethsOf(netns);
  return [
    ...processesOf(name).map(({ pid, command }) => `process ${pid}: ${command.slice(0, 120)}`),
    ...mounts.map((path) => `mount ${path}`),
    ...cgroupsOf(cgroupParent),
    ...veths,
  ];
}
