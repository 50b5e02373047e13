import { readFileSync } from "node:fs";
import type { CgroupMode } from "../cgroups.ts";
import type { MountInfo } from "../mounts.ts";

/** One mounted tree of control groups: a v1 tree carries some controllers, the v2 tree all that are left. */
export interface Hierarchy {
  readonly version: 1 | 2;
  readonly root: string;
  readonly controllers: readonly string[];
}

export interface Layout {
  readonly mode: CgroupMode;
  readonly hierarchies: readonly Hierarchy[];
}

const V1_CONTROLLERS = new Set([
  "cpuset",
  "cpu",
  "cpuacct",
  "blkio",
  "memory",
  "devices",
  "freezer",
  "net_cls",
  "perf_event",
  "net_prio",
  "hugetlb",
  "pids",
  "rdma",
  "misc",
]);

function hierarchyOf(
  mount: MountInfo,
  v2Controllers: (root: string) => readonly string[],
): readonly Hierarchy[] {
  if (mount.type === "cgroup2")
    return [{ version: 2, root: mount.target, controllers: v2Controllers(mount.target) }];
  if (mount.type !== "cgroup") return [];
  const controllers = mount.superOptions.filter((option) => V1_CONTROLLERS.has(option));
  return [{ version: 1, root: mount.target, controllers }];
}

/** A tree may be mounted at several places; the superblock's options tell which mounts are of the same one. */
const treeOf = ({ type, superOptions }: MountInfo) =>
  type === "cgroup2" ? type : superOptions.toSorted().join();

/** Which trees are there, from the table of mounts. Pure but for `v2Controllers`, which reads a root's list. */
export function cgroupLayout(
  mounts: readonly MountInfo[],
  v2Controllers: (root: string) => readonly string[],
): Layout {
  const trees = mounts.filter(({ type }) => type === "cgroup" || type === "cgroup2");
  const unique = trees.filter(
    (mount, index) => trees.findIndex((other) => treeOf(other) === treeOf(mount)) === index,
  );
  const hierarchies = unique.flatMap((mount) => hierarchyOf(mount, v2Controllers));
  const has = (version: 1 | 2) => hierarchies.some((hierarchy) => hierarchy.version === version);
  const mode = has(1) ? (has(2) ? "hybrid" : "v1") : "v2";
  return { mode, hierarchies };
}

export const readV2Controllers = (root: string): readonly string[] =>
  readFileSync(`${root}/cgroup.controllers`, "utf8").split(/\s+/).filter(Boolean);

/** What can be limited: in hybrid mode the v1 trees only, because runtimes leave the v2 tree beside them alone. */
export function usableControllers({ mode, hierarchies }: Layout): ReadonlySet<string> {
  const version = mode === "v2" ? 2 : 1;
  return new Set(hierarchies.filter((tree) => tree.version === version).flatMap((tree) => tree.controllers));
}
