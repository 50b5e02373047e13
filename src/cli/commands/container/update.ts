import { atLeast, command } from "../../command/command.ts";
import { bytes, int, text, uint16 } from "../../flags/flag.ts";
import { decimal } from "../../flags/special.ts";

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
    memory: bytes("m", "Memory limit"),
    "memory-reservation": bytes("", "Memory soft limit"),
    "memory-swap": bytes("", "Swap limit equal to memory plus swap: -1 to enable unlimited swap"),
    "pids-limit": int("", "Tune container pids limit (set -1 for unlimited)"),
    restart: text("", "Restart policy to apply when a container exits"),
  },
  arguments: atLeast(1),
  async run(_context, _parsed) {
    throw new Error("not implemented yet");
  },
});
