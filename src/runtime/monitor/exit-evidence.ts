import { constants } from "node:os";
import type { Kernel } from "../../kernel/index.ts";
import type { ExitEvidence } from "../runtime.ts";
import type { ContainerRecord } from "./record.ts";

export interface EndedProcess {
  readonly id: string;
  readonly record: Pick<ContainerRecord, "pid" | "cgroup">;
  readonly code: number;
  /** The monitor was told by the kernel that the group was out of memory. */
  readonly sawOom: boolean;
}

const { SIGILL, SIGTRAP, SIGABRT, SIGBUS, SIGFPE, SIGKILL, SIGSEGV } = constants.signals;
const FAULTS: ReadonlySet<number> = new Set(
  [SIGILL, SIGTRAP, SIGABRT, SIGBUS, SIGFPE, SIGSEGV].map((signal) => 128 + signal),
);

/**
 * What is to be kept of an end. An ordinary one costs the reading of one file; more is read only where the exit code
 * or the monitor speaks of the OOM killer or of a fault.
 */
export function exitEvidence(
  kernel: Pick<Kernel, "usage" | "kernelLog">,
  { id, record, code, sawOom }: EndedProcess,
): ExitEvidence {
  const { pid, cgroup } = record;
  const memoryPeak = cgroup && kernel.usage.memoryPeak(cgroup);
  const peak = memoryPeak ? { memoryPeak } : {};
  if (cgroup && (sawOom || code === 128 + SIGKILL)) {
    const oomKills = Math.max(kernel.usage.oomKills(cgroup), sawOom ? 1 : 0);
    if (oomKills === 0) return peak;
    const victim = findVictim(kernel.kernelLog.tail(), id);
    return { ...peak, oomKills, ...(victim && { victim }) };
  }
  const fault = FAULTS.has(code) ? findFault(kernel.kernelLog.tail(), pid) : undefined;
  return { ...peak, ...(fault && { fault }) };
}

/**
 * The last process of a control group, named by the container's id, that the OOM killer has taken. The line is that of
 * dump_oom_summary in the kernel's mm/oom_kill.c (since Linux 4.19): `oom-kill:constraint=CONSTRAINT_MEMCG,...,
 * task_memcg=/wharf/ID,task=tail,pid=27199,uid=0`. Pure.
 */
export function findVictim(lines: readonly string[], id: string): ExitEvidence["victim"] {
  const line = lines.findLast((text) => text.includes("oom-kill:") && text.includes(`/${id}`));
  const found = /task_memcg=([^,]*),task=(.*),pid=(\d+),uid=/.exec(line ?? "");
  if (!line || !found?.[1]?.includes(`/${id}`)) return undefined;
  const [, , name = "", pid] = found;
  return { name, pid: Number(pid), machine: !line.includes("constraint=CONSTRAINT_MEMCG") };
}

/** What the kernel says of the fault that ended a process: "seg[27199]: segfault at 0 ip ..." without name and pid. Pure. */
export function findFault(lines: readonly string[], pid: number): string | undefined {
  const mark = `[${pid}]`;
  const line = lines.findLast((text) => text.includes(mark));
  const found = line?.slice(line.indexOf(mark) + mark.length).replace(/^:? /, "");
  return found && /segfault|trap|general protection|unhandled|fault/.test(found) ? found : undefined;
}
