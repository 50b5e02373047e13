import type { Kernel, ProcessHandle } from "../../kernel/index.ts";

/** A handle on exactly the process that was recorded; undefined when it is gone, whoever has its number now. */
export function openProcess(
  kernel: Pick<Kernel, "processes">,
  pid: number,
  startTime: number | undefined,
): ProcessHandle | undefined {
  const handle = kernel.processes.open(pid);
  // The handle pins the process, so the start time read now is that of the process it stands for.
  if (handle && kernel.processes.startTime(pid) === startTime && handle.isAlive()) return handle;
  handle?.[Symbol.dispose]();
  return undefined;
}
