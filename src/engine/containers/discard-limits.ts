import type { HostLimits } from "../ports.ts";
import type { HostConfig } from "./documents.ts";

/** A limit that hosts without the control file for it do not keep. Warnings are Docker's. */
interface Rule {
  readonly fields: readonly (keyof HostConfig)[];
  readonly isKept: (limits: HostLimits) => boolean;
  readonly warning: string;
}

const RULES: readonly Rule[] = [
  {
    fields: ["Memory"],
    isKept: ({ memory }) => memory,
    warning:
      "Your kernel does not support memory limit capabilities or the cgroup is not mounted. Limitation discarded.",
  },
  {
    fields: ["MemorySwappiness"],
    isKept: ({ swappiness }) => swappiness,
    warning:
      "Your kernel does not support memory swappiness capabilities or the cgroup is not mounted. Memory swappiness discarded.",
  },
  {
    fields: ["MemoryReservation"],
    isKept: ({ reservation }) => reservation,
    warning:
      "Your kernel does not support memory soft limit capabilities or the cgroup is not mounted. Limitation discarded.",
  },
  {
    fields: ["OomKillDisable"],
    isKept: ({ oomKillDisable }) => oomKillDisable,
    warning: "Your kernel does not support OomKillDisable. OomKillDisable discarded.",
  },
  {
    fields: ["PidsLimit"],
    isKept: ({ pids }) => pids,
    warning:
      "Your kernel does not support PIDs limit capabilities or the cgroup is not mounted. PIDs limit discarded.",
  },
  {
    fields: ["CpuShares"],
    isKept: ({ cpuShares }) => cpuShares,
    warning: "Your kernel does not support CPU shares or the cgroup is not mounted. Shares discarded.",
  },
  {
    fields: ["CpuPeriod", "CpuQuota"],
    isKept: ({ cpuQuota }) => cpuQuota,
    warning: "Your kernel does not support CPU CFS scheduler. CPU period/quota discarded.",
  },
  {
    fields: ["CpusetCpus", "CpusetMems"],
    isKept: ({ cpuset }) => cpuset,
    warning: "Your kernel does not support cpuset or the cgroup is not mounted. Cpuset discarded.",
  },
  {
    fields: ["BlkioWeight"],
    isKept: ({ blkioWeight }) => blkioWeight,
    warning: "Your kernel does not support Block I/O weight or the cgroup is not mounted. Weight discarded.",
  },
  {
    fields: ["BlkioWeightDevice"],
    isKept: ({ blkioWeightDevice }) => blkioWeightDevice,
    warning:
      "Your kernel does not support Block I/O weight_device or the cgroup is not mounted. Weight-device discarded.",
  },
  ...throttle("BlkioDeviceReadBps", "BPS Block I/O read limit", "Block I/O BPS read limit"),
  ...throttle("BlkioDeviceWriteBps", "BPS Block I/O write limit", "Block I/O BPS write limit"),
  ...throttle("BlkioDeviceReadIOps", "IOPS Block read limit", "Block I/O IOPS read limit"),
  ...throttle("BlkioDeviceWriteIOps", "IOPS Block write limit", "Block I/O IOPS write limit"),
];

function throttle(field: keyof HostConfig, lacking: string, discarded: string): readonly Rule[] {
  const warning = `Your kernel does not support ${lacking} or the cgroup is not mounted. ${discarded} discarded.`;
  return [{ fields: [field], isKept: ({ blkioThrottle }) => blkioThrottle, warning }];
}

const WITHOUT_SWAP =
  "Your kernel does not support swap limit capabilities or the cgroup is not mounted. Memory limited without swap.";
const WITHOUT_LIMIT =
  "OOM killer is disabled for the container, but no memory limit is set, this can result in the system running out of resources.";

/** -1 is another way to ask for nothing, so are false, zero, and lists without entries. */
function asksFor(value: unknown): boolean {
  return Array.isArray(value) ? value.length > 0 : Boolean(value) && value !== -1;
}

/** Swappiness is the one limit of which zero is a value. */
const isAsked = (host: HostConfig, field: keyof HostConfig): boolean =>
  asksFor(host[field]) || (field === "MemorySwappiness" && host[field] === 0);

/** Takes out what this host cannot limit, and says so, as Docker does. Pure. */
export function discardLimits(
  host: HostConfig,
  limits: HostLimits,
): { readonly host: HostConfig; readonly warnings: readonly string[] } {
  const broken = RULES.filter(
    ({ fields, isKept }) => !isKept(limits) && fields.some((field) => isAsked(host, field)),
  );
  const lost = new Set<string>(broken.flatMap(({ fields }) => fields));
  const entries = Object.entries(host).flatMap(([field, value]) => {
    if (!lost.has(field)) return [[field, value] as const];
    return Array.isArray(value) ? [[field, []] as const] : [];
  });
  const kept: HostConfig = Object.fromEntries(entries);
  const warnings = broken.map(({ warning }) => warning);
  const swapless = asksFor(kept.Memory) && kept.MemorySwap !== -1 && !limits.swap;
  const unlimited = swapless || (asksFor(host.Memory) && !limits.memory);
  const careless = kept.OomKillDisable === true && !asksFor(kept.Memory);
  return {
    host: unlimited ? { ...kept, MemorySwap: -1 } : kept,
    warnings: [...warnings, ...(swapless ? [WITHOUT_SWAP] : []), ...(careless ? [WITHOUT_LIMIT] : [])],
  };
}
