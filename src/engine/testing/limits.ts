import type { HostLimits } from "../ports.ts";

/** A host with two processors and one memory node that can keep every limit. */
export const EVERY_LIMIT: HostLimits = {
  memory: true,
  swap: true,
  reservation: true,
  swappiness: true,
  oomKillDisable: true,
  cpuShares: true,
  cpuQuota: true,
  cpuRealtime: true,
  cpuset: true,
  pids: true,
  blkioWeight: true,
  blkioWeightDevice: true,
  blkioThrottle: true,
  cpus: "0-1",
  mems: "0",
};
