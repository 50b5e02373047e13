import { type Finding, fail, type Group, ok, unseen, warn } from "./finding.ts";
import { type Machine, textOf } from "./machine.ts";

export interface CgroupTree {
  readonly version: 1 | 2;
  readonly target: string;
  readonly options: readonly string[];
}

/** Mounted trees of control groups, from proc_pid_mounts(5). Pure. */
export function parseTrees(mounts: string): readonly CgroupTree[] {
  return mounts.split("\n").flatMap((line) => {
    const [, target = "", type, options = ""] = line.split(" ");
    if (type !== "cgroup" && type !== "cgroup2") return [];
    return [{ version: type === "cgroup" ? 1 : 2, target, options: options.split(",") } as const];
  });
}

const NEEDED = ["cpu", "cpuset", "memory", "pids"];

function mode(trees: readonly CgroupTree[]): Finding {
  const has = (version: 1 | 2) => trees.some((tree) => tree.version === version);
  if (!has(1) && !has(2)) {
    return fail("mode", "no control groups are mounted", {
      breaks: "every container",
      mend: "mount -t cgroup2 none /sys/fs/cgroup",
    });
  }
  return ok("mode", has(1) ? (has(2) ? "v1 with a v2 tree beside it (hybrid)" : "v1") : "v2");
}

function controllers(machine: Machine, trees: readonly CgroupTree[]): Finding {
  const v1 = trees.filter(({ version }) => version === 1);
  const [v2] = trees.filter(({ version }) => version === 2);
  const usable =
    v1.length > 0
      ? v1.flatMap(({ options }) => options)
      : (textOf(machine, `${v2?.target}/cgroup.controllers`) ?? "").split(/\s+/);
  const missing = NEEDED.filter((name) => !usable.includes(name));
  if (missing.length === 0) return ok("controllers", NEEDED.join(" "));
  return fail("controllers", `missing: ${missing.join(", ")}`, {
    breaks: `limits of ${missing.join(", ")} for containers`,
    mend: missing.includes("memory")
      ? "add cgroup_enable=memory swapaccount=1 to the kernel's command line, then restart"
      : "boot a kernel with these controllers, or mount them",
  });
}

function swap(machine: Machine, trees: readonly CgroupTree[]): Finding {
  const name = "swap accounting";
  const v1 = trees.find(({ options }) => options.includes("memory"));
  const place = v1
    ? `${v1.target}/memory.memsw.limit_in_bytes`
    : machine
        .list(trees[0]?.target ?? "")
        .map((group) => `${trees[0]?.target}/${group}/memory.swap.max`)
        .find((path) => machine.exists(path));
  if (place !== undefined && machine.exists(place)) return ok(name, "counted");
  if (!v1 && place === undefined && !machine.root) return unseen(name, "no group below the root shows it");
  return warn(name, "swap is not counted", {
    breaks: "--memory-swap: a container at its limit takes swap without end",
    mend: "add swapaccount=1 to the kernel's command line, then restart",
  });
}

/** crun refuses v1 beside v2, and is run in a mount namespace without the latter; that takes a program. */
function hybrid(machine: Machine, trees: readonly CgroupTree[]): readonly Finding[] {
  const isHybrid = new Set(trees.map(({ version }) => version)).size === 2;
  if (!isHybrid || machine.findForEngine("crun") === undefined) return [];
  const shim = machine.findForEngine("busybox") ?? machine.findForEngine("unshare");
  if (shim) return [ok("crun here", `works with the help of ${shim}`)];
  return [
    warn("crun here", "crun refuses v1 with v2 beside it, and there is nothing to hide v2 from it", {
      breaks: "crun; runc is taken instead where it is installed",
      mend: "apt-get install busybox-static",
    }),
  ];
}

export const cgroups: Group = {
  name: "Control groups",
  run({ machine }) {
    const trees = parseTrees(textOf(machine, "/proc/self/mounts") ?? "");
    const first = mode(trees);
    if (trees.length === 0) return [first];
    return [first, controllers(machine, trees), swap(machine, trees), ...hybrid(machine, trees)];
  },
};
