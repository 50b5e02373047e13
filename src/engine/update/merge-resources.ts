import { invalidParameter } from "../../base/errors.ts";
import { refuseFirst } from "../containers/check-resources.ts";
import type { HostConfig } from "../containers/documents.ts";

/** The limits an update may change: what the request names replaces what the container has; zero names nothing. */
const CHANGEABLE = [
  "BlkioWeight",
  "BlkioWeightDevice",
  "BlkioDeviceReadBps",
  "BlkioDeviceWriteBps",
  "BlkioDeviceReadIOps",
  "BlkioDeviceWriteIOps",
  "CpuShares",
  "NanoCpus",
  "CpuPeriod",
  "CpuQuota",
  "CpuRealtimePeriod",
  "CpuRealtimeRuntime",
  "CpusetCpus",
  "CpusetMems",
  "Memory",
  "MemorySwap",
  "MemoryReservation",
] as const satisfies readonly (keyof HostConfig)[];

const FIXED = ["CgroupParent", "Devices", "DeviceCgroupRules", "DeviceRequests", "Ulimits", "Init"] as const;
const isSet = (value: unknown): boolean => (Array.isArray(value) ? value.length > 0 : Boolean(value));

function refuseConflicts(current: HostConfig, wanted: HostConfig): void {
  refuseFirst([
    [
      isSet(wanted.CpuQuota) && isSet(current.NanoCpus),
      "Conflicting options: CPU Quota cannot be updated as NanoCPUs has already been set",
    ],
    [
      isSet(wanted.CpuPeriod) && isSet(current.NanoCpus),
      "Conflicting options: CPU Period cannot be updated as NanoCPUs has already been set",
    ],
    [
      isSet(wanted.NanoCpus) && isSet(current.CpuQuota),
      "Conflicting options: NanoCPUs cannot be updated as CPU Quota has already been set",
    ],
    [
      isSet(wanted.NanoCpus) && isSet(current.CpuPeriod),
      "Conflicting options: NanoCPUs cannot be updated as CPU Period has already been set",
    ],
    [
      (wanted.Memory ?? 0) > Math.max(current.MemorySwap ?? 0, 0) &&
        !isSet(wanted.MemorySwap) &&
        current.MemorySwap !== -1,
      "Memory limit should be smaller than already set memoryswap limit, update the memoryswap at the same time",
    ],
  ]);
}

/** The limits as they change, by name. Pure. Throws invalidParameter for what cannot be changed or does not fit. */
export function resourceChange(current: HostConfig, wanted: HostConfig): Partial<HostConfig> {
  const fixed = FIXED.find((name) => isSet(wanted[name]));
  if (fixed) throw invalidParameter(`${fixed} cannot be changed: create the container anew`);
  refuseConflicts(current, wanted);
  const named = CHANGEABLE.filter((name) => isSet(wanted[name]));
  const change = Object.fromEntries(named.map((name) => [name, wanted[name]]));
  if (wanted.PidsLimit === undefined || wanted.PidsLimit === null) return change;
  return { ...change, PidsLimit: Math.max(wanted.PidsLimit, 0) };
}
