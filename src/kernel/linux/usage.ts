import { readFileSync } from "node:fs";
import { errnoOf } from "../../base/errors.ts";
import type { Mounts } from "../mounts.ts";
import type { CgroupUsage, HostUsage, InterfaceUsage, Usage } from "../usage.ts";
import { readControl } from "./cgroup-files.ts";
import { cgroupLayout, type Layout, readV2Controllers } from "./cgroup-hierarchies.ts";
import { readUsageV1, readUsageV2 } from "./usage-cgroup.ts";
import { parseHostCpu, parseInterfaces, parseMemTotal } from "./usage-host.ts";

function readIfThere(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    if (["ENOENT", "ESRCH", "EINVAL"].includes(errnoOf(error) ?? "")) return "";
    throw error;
  }
}

/** Accounting of this machine. The trees of control groups are looked up once: they are mounted at boot and stay. */
export class LinuxUsage implements Usage {
  readonly #mounts: Mounts;
  #known: Layout | undefined;
  #memory: number | undefined;

  constructor(mounts: Mounts) {
    this.#mounts = mounts;
  }

  cgroup(path: string): CgroupUsage | undefined {
    this.#known ??= cgroupLayout(this.#mounts.list(), readV2Controllers);
    const { mode, hierarchies } = this.#known;
    if (mode === "v2") {
      const root = hierarchies[0]?.root ?? "";
      return readUsageV2((file) => readControl(`${root}${path}/${file}`));
    }
    const root = (controller: string) =>
      hierarchies.find(({ version, controllers }) => version === 1 && controllers.includes(controller))?.root;
    return readUsageV1((controller, file) => {
      const tree = root(controller);
      return tree === undefined ? undefined : readControl(`${tree}${path}/${file}`);
    });
  }

  interfaces(pid: number): readonly InterfaceUsage[] {
    return parseInterfaces(readIfThere(`/proc/${pid}/net/dev`));
  }

  host(): HostUsage {
    this.#memory ??= parseMemTotal(readFileSync("/proc/meminfo", "utf8"));
    return { ...parseHostCpu(readFileSync("/proc/stat", "utf8")), memory: this.#memory };
  }
}
