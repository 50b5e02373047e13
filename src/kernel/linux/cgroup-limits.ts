import { existsSync } from "node:fs";
import type { LimitSupport } from "../cgroups.ts";
import { readControl } from "./cgroup-files.ts";
import type { Layout } from "./cgroup-hierarchies.ts";

/** How the files at the roots of the trees are looked at. */
interface Files {
  readonly exists: (path: string) => boolean;
  /** Undefined when it is not there. */
  readonly read: (path: string) => string | undefined;
}

const CONTROL_FILES: Files = { exists: existsSync, read: readControl };

/** Which limits can be kept, from the files of kernel Documentation/admin-guide/cgroup-v1 and cgroup-v2.rst. */
export function limitSupport(layout: Layout, files = CONTROL_FILES): LimitSupport {
  return layout.mode === "v2" ? supportV2(layout, files) : supportV1(layout, files);
}

function supportV1({ hierarchies }: Layout, { exists, read }: Files): LimitSupport {
  const rootOf = (controller: string) =>
    hierarchies.find(({ version, controllers }) => version === 1 && controllers.includes(controller))?.root;
  const has = (controller: string, file: string) => exists(`${rootOf(controller)}/${file}`);
  const available = (file: string) => read(`${rootOf("cpuset")}/${file}`)?.trim() ?? "";
  return {
    memory: has("memory", "memory.limit_in_bytes"),
    swap: has("memory", "memory.memsw.limit_in_bytes"),
    reservation: has("memory", "memory.soft_limit_in_bytes"),
    swappiness: has("memory", "memory.swappiness"),
    oomKillDisable: has("memory", "memory.oom_control"),
    cpuShares: has("cpu", "cpu.shares"),
    cpuQuota: has("cpu", "cpu.cfs_quota_us"),
    cpuRealtime: has("cpu", "cpu.rt_period_us"),
    cpuset: has("cpuset", "cpuset.cpus"),
    pids: rootOf("pids") !== undefined,
    // Not those of BFQ: crun knows the files of the older scheduler only, and so does Docker.
    blkioWeight: has("blkio", "blkio.weight"),
    blkioWeightDevice: has("blkio", "blkio.weight_device"),
    blkioThrottle: has("blkio", "blkio.throttle.read_bps_device"),
    cpus: available("cpuset.cpus"),
    mems: available("cpuset.mems"),
  };
}

/** Most files are not in the root of the tree: a controller that is there has them all. */
function supportV2({ hierarchies }: Layout, { exists, read }: Files): LimitSupport {
  const [tree] = hierarchies;
  const has = (controller: string) => tree?.controllers.includes(controller) ?? false;
  const available = (file: string) => read(`${tree?.root}/${file}`)?.trim() ?? "";
  return {
    memory: has("memory"),
    swap: has("memory") && swapV2(`${tree?.root}`, { exists, read }),
    reservation: has("memory"),
    swappiness: false,
    oomKillDisable: false,
    cpuShares: has("cpu"),
    cpuQuota: has("cpu"),
    cpuRealtime: false,
    cpuset: has("cpuset"),
    pids: has("pids"),
    blkioWeight: has("io"),
    blkioWeightDevice: has("io"),
    blkioThrottle: has("io"),
    cpus: available("cpuset.cpus.effective"),
    mems: available("cpuset.mems.effective"),
  };
}

/** Swap is counted unless the kernel was built or started without it: the group the engine is in tells. */
function swapV2(root: string, { exists, read }: Files): boolean {
  const own = /^0::(\/.*)$/m.exec(read("/proc/self/cgroup") ?? "")?.[1] ?? "/";
  // The root group has no such file, and nothing can be learned there.
  return own === "/" || exists(`${root}${own}/memory.swap.max`);
}
