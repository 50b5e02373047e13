import { atLeast, command } from "../../command/command.ts";
import { forEach } from "../../command/for-each.ts";
import { bytes, int, offer, text, uint16 } from "../../flags/flag.ts";
import { decimal, swapBytes } from "../../flags/special.ts";
import { RESTART_POLICIES } from "../../run/flags.ts";
import { readRestart } from "../../run/request.ts";

export default command({
  flags: {
    "blkio-weight": uint16("", "Block IO (relative weight), between 10 and 1000, or 0 to disable"),
    "cpu-period": int("", "Limit CPU CFS (Completely Fair Scheduler) period"),
    "cpu-quota": int("", "Limit CPU CFS (Completely Fair Scheduler) quota"),
    "cpu-rt-period": int("", "Limit the CPU real-time period in microseconds"),
    "cpu-rt-runtime": int("", "Limit the CPU real-time runtime in microseconds"),
    "cpu-shares": int("c", "CPU shares (relative weight)"),
    cpus: decimal("", "Number of CPUs"),
    "cpuset-cpus": text("", "CPUs in which to allow execution (0-3, 0,1)"),
    "cpuset-mems": text("", "MEMs in which to allow execution (0-3, 0,1)"),
    "kernel-memory": bytes("", "Kernel memory limit (deprecated)", 0, { hidden: true }),
    memory: bytes("m", "Memory limit"),
    "memory-reservation": bytes("", "Memory soft limit"),
    "memory-swap": swapBytes("", "Swap limit equal to memory plus swap: -1 to enable unlimited swap"),
    "pids-limit": int("", "Tune container pids limit (set -1 for unlimited)"),
    restart: offer(RESTART_POLICIES, text("", "Restart policy to apply when a container exits")),
  },
  arguments: atLeast(1, "container"),
  run(context, { values: flags, changed, args }) {
    if (changed.size === 0) throw new Error("you must provide one or more flags when using this command");
    const body = {
      BlkioWeight: flags["blkio-weight"],
      CpuShares: flags["cpu-shares"],
      NanoCpus: flags.cpus,
      CpusetCpus: flags["cpuset-cpus"],
      CpusetMems: flags["cpuset-mems"],
      ...(flags["kernel-memory"] ? { KernelMemory: flags["kernel-memory"] } : {}),
      Memory: flags.memory,
      MemoryReservation: flags["memory-reservation"],
      MemorySwap: flags["memory-swap"],
      CpuPeriod: flags["cpu-period"],
      CpuQuota: flags["cpu-quota"],
      CpuRealtimePeriod: flags["cpu-rt-period"],
      CpuRealtimeRuntime: flags["cpu-rt-runtime"],
      ...(changed.has("pids-limit") ? { PidsLimit: flags["pids-limit"] } : {}),
      RestartPolicy: flags.restart ? readRestart(flags.restart) : { Name: "" },
    };
    return forEach(context, args, async (id) => {
      const { Warnings } = await context.client().call("ContainerUpdate", { id, body });
      for (const warning of Warnings ?? []) context.out.write(`${warning}\n`);
    });
  },
});
