import type { ForeignBridge } from "../firewall/firewall.ts";
import type { Kit } from "./kit.ts";
import { driverOf } from "./lookup.ts";

/** Bridges that no network of this engine stands on. */
export function foreignBridges(kit: Pick<Kit, "kernel" | "store" | "drivers">): readonly ForeignBridge[] {
  const own = new Set(
    kit.store.networks().flatMap(({ record }) => driverOf(kit, record).firewall(record)?.bridge ?? []),
  );
  using links = kit.kernel.netlink.open();
  return links
    .list()
    .filter(({ kind, name }) => kind === "bridge" && !own.has(name))
    .map(({ index, name }) => ({
      bridge: name,
      subnets: links.addresses(index).map(({ ip, prefix }) => `${ip}/${prefix}`),
    }));
}
