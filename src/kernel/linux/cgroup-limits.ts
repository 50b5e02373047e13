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

/** Processors and memory nodes come and go; what a kernel can limit stays as long as it runs. */
type Abilities = Omit<LimitSupport, "cpus" | "mems">;

/**
 * Tells which limits can be kept, from the files of kernel Documentation/admin-guide/cgroup-v1 and cgroup-v2.rst. What
 * cannot change is looked at once.
 */
export function limitReader(layout: Layout, files = CONTROL_FILES): () => LimitSupport {
  const isV2 = layout.mode === "v2";
  const abilities = isV2 ? abilitiesV2(layout, files) : abilitiesV1(layout, files);
  const root = isV2 ? layout.hierarchies[0]?.root : rootV1(layout, "cpuset");
  const available = (file: string) => files.read(`${root}/${file}${isV2 ? ".effective" : ""}`)?.trim() ?? "";
  return () => ({ ...abilities, cpus: available("cpuset.cpus"), mems: available("cpuset.mems") });
}

const rootV1 = ({ hierarchies }: Layout, controller: string): string | undefined =>
  hierarchies.find(({ version, controllers }) => version === 1 && controllers.includes(controller))?.root;

function abilitiesV1(layout: Layout, { exists }: Files): Abilities {
  const rootOf = (controller: string) => rootV1(layout, controller);
  const has = (controller: string, file: string) => exists(`${rootOf(controller)}/${file}`);
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
  };
}

/** Most files are not in the root of the tree: a controller that is there has them all. */
function abilitiesV2({ hierarchies }: Layout, { exists, read }: Files): Abilities {
  const [tree] = hierarchies;
  const has = (controller: string) => tree?.controllers.includes(controller) ?? false;
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
  };
}

/** Swap is counted unless the kernel was built or started without it: the group the engine is in tells. */
function swapV2(root: string, { exists, read }: Files): boolean {
  const own = /^0::(\/.*)$/m.exec(read("/proc/self/cgroup") ?? "")?.[1] ?? "/";
  // The root group has no such file, and nothing can be learned there.
  return own === "/" || exists(`${root}${own}/memory.swap.max`);
}
