import { invalidParameter } from "../../base/errors.ts";
import type { DeviceLookup } from "./devices.ts";
import type { HostDocument, HostInfo, ThrottleDevice, WeightDevice } from "./input.ts";
import type { OciDeviceNumber, OciDeviceRule, OciResources, OciThrottle } from "./oci-spec.ts";

/** Microseconds: the CFS period that `--cpus` is a share of. */
const PERIOD = 100_000;

/** Without fields that are undefined; undefined itself when nothing is left, so that no controller is touched. */
function sparse<T extends object>(value: T): T | undefined {
  const entries = Object.entries(value).filter(([, item]) => item !== undefined);
  return entries.length === 0 ? undefined : (Object.fromEntries(entries) as T);
}

/** Docker's documents say "not set" with zero. */
const set = (value: number | null | undefined): number | undefined => (value ? value : undefined);
const text = (value: string | undefined): string | undefined => (value ? value : undefined);

function memory(host: HostDocument): OciResources["memory"] {
  const { Memory, MemorySwap, MemorySwappiness } = host;
  // Docker lets a container use as much swap as memory if nothing is said.
  const swap = MemorySwap || (Memory ? Memory * 2 : undefined);
  return sparse({
    limit: set(Memory),
    reservation: set(host.MemoryReservation),
    swap: set(swap),
    swappiness: MemorySwappiness === -1 ? undefined : (MemorySwappiness ?? undefined),
    disableOOMKiller: host.OomKillDisable || undefined,
  });
}

function cpu(host: HostDocument): OciResources["cpu"] {
  const cpus = host.NanoCpus
    ? { period: PERIOD, quota: Math.round((host.NanoCpus * PERIOD) / 1e9) }
    : undefined;
  return sparse({
    shares: set(host.CpuShares),
    period: cpus?.period ?? set(host.CpuPeriod),
    quota: cpus?.quota ?? set(host.CpuQuota),
    realtimePeriod: set(host.CpuRealtimePeriod),
    realtimeRuntime: set(host.CpuRealtimeRuntime),
    cpus: text(host.CpusetCpus),
    mems: text(host.CpusetMems),
  });
}

function blockIO(host: HostDocument, lookup: DeviceLookup): OciResources["blockIO"] {
  const number = (path: string): OciDeviceNumber => {
    const device = lookup.at(path).find(({ type }) => type === "b");
    if (!device) throw invalidParameter(`${path} is not a block device`);
    return { major: device.major, minor: device.minor };
  };
  const throttle = (
    list: readonly ThrottleDevice[] | null | undefined,
  ): readonly OciThrottle[] | undefined =>
    list?.length ? list.map(({ Path, Rate }) => ({ ...number(Path), rate: Rate })) : undefined;
  const weights = (list: readonly WeightDevice[] | null | undefined) =>
    list?.length ? list.map(({ Path, Weight }) => ({ ...number(Path), weight: Weight })) : undefined;
  return sparse({
    weight: set(host.BlkioWeight),
    weightDevice: weights(host.BlkioWeightDevice),
    throttleReadBpsDevice: throttle(host.BlkioDeviceReadBps),
    throttleWriteBpsDevice: throttle(host.BlkioDeviceWriteBps),
    throttleReadIOPSDevice: throttle(host.BlkioDeviceReadIOps),
    throttleWriteIOPSDevice: throttle(host.BlkioDeviceWriteIOps),
  });
}

/** Limits whose controller this host lacks are left out, as Docker discards them (with a warning of the engine's). */
export function resources(
  host: HostDocument,
  devices: readonly OciDeviceRule[],
  { controllers }: Pick<HostInfo, "controllers">,
  lookup: DeviceLookup,
): OciResources {
  const cpuLimits = cpu(host);
  const { cpus, mems, ...time } = cpuLimits ?? {};
  const usable = {
    ...(controllers.has("cpu") && time),
    ...(controllers.has("cpuset") && sparse({ cpus, mems })),
  };
  const pids = host.PidsLimit && host.PidsLimit > 0 ? { limit: host.PidsLimit } : undefined;
  const io = controllers.has("blkio") || controllers.has("io") ? blockIO(host, lookup) : undefined;
  return {
    devices,
    ...sparse({
      memory: controllers.has("memory") ? memory(host) : undefined,
      cpu: sparse(usable),
      pids: controllers.has("pids") ? pids : undefined,
      blockIO: io,
    }),
  };
}
