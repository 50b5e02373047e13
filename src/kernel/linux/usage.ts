import { readFileSync } from "node:fs";
import { errnoOf } from "../../base/errors.ts";
import type { Mounts } from "../mounts.ts";
import type { CgroupUsage, HostUsage, InterfaceUsage, Usage } from "../usage.ts";
import { readControl } from "./cgroup-files.ts";
import { cgroupLayout, type Layout, readV2Controllers } from "./cgroup-hierarchies.ts";
import { parseOomKills, readUsageV1, readUsageV2 } from "./usage-cgroup.ts";
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
    return this.#isV2
      ? readUsageV2((file) => this.#readV2(path, file))
      : readUsageV1((controller, file) => this.#readV1(path, controller, file));
  }

  memoryPeak(path: string): number | undefined {
    const text = this.#isV2
      ? this.#readV2(path, "memory.peak")
      : this.#readV1(path, "memory", "memory.max_usage_in_bytes");
    return text === undefined ? undefined : Number(text);
  }

  oomKills(path: string): number {
    return parseOomKills(
      this.#isV2 ? this.#readV2(path, "memory.events") : this.#readV1(path, "memory", "memory.oom_control"),
    );
  }

  get #layout(): Layout {
    this.#known ??= cgroupLayout(this.#mounts.list(), readV2Controllers);
    return this.#known;
  }

  get #isV2(): boolean {
    return this.#layout.mode === "v2";
  }

  #readV2(path: string, file: string): string | undefined {
    return readControl(`${this.#layout.hierarchies[0]?.root ?? ""}${path}/${file}`);
  }

  #readV1(path: string, controller: string, file: string): string | undefined {
    const tree = this.#layout.hierarchies.find(
      ({ version, controllers }) => version === 1 && controllers.includes(controller),
    );
    return tree === undefined ? undefined : readControl(`${tree.root}${path}/${file}`);
  }

  interfaces(pid: number): readonly InterfaceUsage[] {
    return parseInterfaces(readIfThere(`/proc/${pid}/net/dev`));
  }

  host(): HostUsage {
    this.#memory ??= parseMemTotal(readFileSync("/proc/meminfo", "utf8"));
    return { ...parseHostCpu(readFileSync("/proc/stat", "utf8")), memory: this.#memory };
  }
}
