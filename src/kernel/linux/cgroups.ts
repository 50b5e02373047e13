import { constants } from "node:os";
import { errnoOf, messageOf } from "../../base/errors.ts";
import type { CgroupMode, Cgroups, LimitSupport } from "../cgroups.ts";
import type { Mounts } from "../mounts.ts";
import {
  childrenOf,
  eventually,
  processesOf,
  readControl,
  removeTree,
  withDescendants,
  writeControl,
} from "./cgroup-files.ts";
import {
  cgroupLayout,
  type Hierarchy,
  type Layout,
  readV2Controllers,
  usableControllers,
} from "./cgroup-hierarchies.ts";
import { limitReader } from "./cgroup-limits.ts";
import type { EventLoop } from "./event-loop.ts";
import { kernelError } from "./libc.ts";
import { watchMemoryEvents, watchOomControl } from "./oom-events.ts";

const { EINVAL, EBUSY, EOPNOTSUPP, ETIMEDOUT } = constants.errno;
/** Long enough for a loaded machine; only a process in an uninterruptible wait takes longer. */
const PATIENCE = 10_000;

/** How each version of control groups says that there is no limit (kernel: cgroup-v2.rst, cgroup-v1/pids.rst). */
const NO_LIMIT = {
  pids: { 1: ["pids.max", "max"], 2: ["pids.max", "max"] },
  cpu: { 1: ["cpu.cfs_quota_us", "-1"], 2: ["cpu.max", "max"] },
} as const;

/** Refuses the root, where every process of the machine is, and whatever could lead out of the tree. */
function groupPath(path: string, syscall: string): string {
  const segments = path.split("/").slice(1);
  const sound = path.startsWith("/") && !path.includes("\0");
  if (sound && segments.every((segment) => segment !== "" && segment !== "." && segment !== ".."))
    return path;
  throw kernelError(syscall, EINVAL, `not the path of a control group: ${JSON.stringify(path)}`);
}

function kill(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch (error) {
    if (errnoOf(error) !== "ESRCH") throw error;
  }
}

/** Control groups through their files. The trees are looked up once: they are mounted at boot and stay. */
export class LinuxCgroups implements Cgroups {
  readonly #mounts: Mounts;
  readonly #loop: EventLoop;
  #known: Layout | undefined;
  #readLimits: (() => LimitSupport) | undefined;

  constructor(mounts: Mounts, loop: EventLoop) {
    this.#mounts = mounts;
    this.#loop = loop;
  }

  get #layout(): Layout {
    this.#known ??= cgroupLayout(this.#mounts.list(), readV2Controllers);
    return this.#known;
  }

  get mode(): CgroupMode {
    return this.#layout.mode;
  }

  get controllers(): ReadonlySet<string> {
    return usableControllers(this.#layout);
  }

  limits(): LimitSupport {
    this.#readLimits ??= limitReader(this.#layout);
    return this.#readLimits();
  }

  processes(path: string): readonly number[] {
    const group = groupPath(path, "read");
    return [...new Set(this.#layout.hierarchies.flatMap(({ root }) => processesOf(root + group)))];
  }

  children(path: string): readonly string[] {
    const group = path === "/" ? "" : groupPath(path, "readdir");
    return [...new Set(this.#layout.hierarchies.flatMap(({ root }) => childrenOf(root + group)))];
  }

  /** The tree in which groups freeze and processes are killed: the one of v2, or of the v1 freezer. */
  #freezer(): Hierarchy {
    const { mode, hierarchies } = this.#layout;
    const found = hierarchies.find(({ version, controllers }) =>
      mode === "v2" ? version === 2 : controllers.includes("freezer"),
    );
    if (found) return found;
    throw kernelError("freeze", EOPNOTSUPP, "the freezer controller is not mounted");
  }

  async freeze(path: string, frozen: boolean): Promise<void> {
    const { root, version } = this.#freezer();
    const directory = root + groupPath(path, "freeze");
    const attempt = version === 2 ? freezeV2(directory, frozen) : freezeV1(directory, frozen);
    if (await eventually(PATIENCE, attempt)) return;
    // Half frozen is the worst of both: whoever asked is told that it failed, so it must run.
    if (frozen) (version === 2 ? freezeV2 : freezeV1)(directory, false)();
    throw kernelError("freeze", ETIMEDOUT, `${path} did not ${frozen ? "freeze" : "thaw"} in ${PATIENCE} ms`);
  }

  async killAll(path: string): Promise<void> {
    const group = groupPath(path, "kill");
    const attempts = this.#layout.hierarchies.map(
      ({ root, version }) =>
        () =>
          killOnce(root + group, version),
    );
    const empty = await eventually(PATIENCE, () => attempts.map((attempt) => attempt()).every(Boolean));
    if (empty) return;
    throw kernelError(
      "kill",
      EBUSY,
      `${path}: still alive after ${PATIENCE} ms: ${this.processes(path).join(", ")}`,
    );
  }

  unlimit(path: string, limit: "pids" | "cpu"): void {
    const group = groupPath(path, "write");
    for (const { root, version, controllers } of this.#layout.hierarchies) {
      if (!controllers.includes(limit)) continue;
      const [file, value] = NO_LIMIT[limit][version];
      writeControl(`${root}${group}/${file}`, value);
    }
  }

  watchOom(path: string, told: () => void): Disposable | undefined {
    const group = groupPath(path, "watch");
    const tree = this.#layout.hierarchies.find(({ controllers }) => controllers.includes("memory"));
    if (!tree) return undefined;
    return tree.version === 2
      ? watchMemoryEvents(tree.root + group, told)
      : watchOomControl(tree.root + group, this.#loop, told);
  }

  async remove(path: string): Promise<boolean> {
    const group = groupPath(path, "rmdir");
    // Side by side, because the kernel waits in each rmdir; on through errors, because the other trees can still go.
    const results = await Promise.allSettled(
      this.#layout.hierarchies.map(({ root }) => removeTree(root + group)),
    );
    const errors = results.flatMap((result) =>
      result.status === "rejected" ? [result.reason as unknown] : [],
    );
    if (errors.length > 1) {
      const busy = errors.find((error) => errnoOf(error) !== undefined) ?? errors[0];
      throw busy instanceof Error
        ? Object.assign(busy, { cause: new AggregateError(errors, messageOf(busy)) })
        : busy;
    }
    if (errors.length === 1) throw errors[0];
    return results.some((result) => result.status === "fulfilled" && result.value);
  }
}

/** One round of killing; true when nothing is left in the group or below it. */
function killOnce(directory: string, version: 1 | 2): boolean {
  const groups = withDescendants(directory);
  const pids = groups.flatMap((group) => processesOf(group));
  if (pids.length === 0) return true;
  if (version === 2 && readControl(`${directory}/cgroup.events`) !== undefined && killWhole(directory))
    return false;
  for (const pid of pids) kill(pid);
  // A frozen v1 process does not even die before it is thawed.
  for (const group of groups) {
    if (readControl(`${group}/freezer.state`)?.trim() !== undefined)
      writeControl(`${group}/freezer.state`, "THAWED");
  }
  return false;
}

/** cgroup.kill (Linux 5.14) takes processes that fork while we look, too; false where there is none, or none of use. */
function killWhole(directory: string): boolean {
  try {
    writeControl(`${directory}/cgroup.kill`, "1");
    return true;
  } catch (error) {
    if (["ENOENT", "EOPNOTSUPP", "ENOTSUP"].includes(errnoOf(error) ?? "")) return false;
    throw error;
  }
}

/** v1 may stay in FREEZING while processes fork, until it is told again (kernel: cgroup-v1/freezer-subsystem). */
const freezeV1 = (directory: string, frozen: boolean) => (): boolean => {
  const wanted = frozen ? "FROZEN" : "THAWED";
  writeControl(`${directory}/freezer.state`, wanted);
  return readControl(`${directory}/freezer.state`)?.trim() === wanted;
};

const freezeV2 = (directory: string, frozen: boolean) => (): boolean => {
  writeControl(`${directory}/cgroup.freeze`, frozen ? "1" : "0");
  return new RegExp(`^frozen ${frozen ? 1 : 0}$`, "m").test(readControl(`${directory}/cgroup.events`) ?? "");
};
