import type { Logger } from "../../base/log.ts";
import type { StartTrace } from "../../base/trace.ts";
import type { Kernel } from "../../kernel/index.ts";
import type { EarlyClients } from "../monitor/early-clients.ts";
import type { Layout } from "../monitor/layout.ts";
import type { Supervisor } from "../monitor/supervisor.ts";
import type { Runtimes } from "../oci/select.ts";

export type RuntimeKernel = Pick<
  Kernel,
  "packetSockets" | "processes" | "children" | "cgroups" | "mounts" | "usage" | "kernelLog"
>;

/** What the verbs of this room share. */
export interface RuntimeDeps {
  readonly layout: Layout;
  readonly kernel: RuntimeKernel;
  readonly runtimes: Runtimes;
  readonly supervisor: Supervisor;
  readonly earlyClients: EarlyClients;
  readonly conmon: string;
  /** Of every child process: nothing of the engine's own environment gets into a monitor or runtime. */
  readonly environment: Readonly<Record<string, string>>;
  /** cgroup under which containers lie whose record is lost. */
  readonly cgroupParent: string;
  /** Tells the kernel that the runtime will soon move a process into another cgroup. */
  readonly announceMove: () => void;
  readonly log: Logger;
  readonly trace: StartTrace;
}
