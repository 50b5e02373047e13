import { unavailable } from "../../../base/errors.ts";
import type { Firewall, FirewallChange, FirewallSettings, PublishedPort } from "../firewall.ts";
import { isInstalled } from "../process.ts";
import { portElements } from "./elements.ts";
import { OwnTable } from "./own-table.ts";
import { type Family, tableOf } from "./table.ts";

export interface NftablesSettings extends FirewallSettings {
  /** Of the engine's tables: engines side by side have different ones. */
  readonly table: string;
}

/** Throws unavailable when nft is not installed. */
function requireNft(): void {
  if (isInstalled("nft")) return;
  throw unavailable(
    "nft was not found: install the package nftables, or start without --firewall-backend=nftables",
  );
}

/**
 * Tables of the engine's own, one for each address family. A packet costs the same few lookups whether one port is
 * published or ten thousand, and so does a change.
 */
export function nftablesFirewall({ ipv6, closed, loopback, table: name }: NftablesSettings): Firewall {
  requireNft();
  const tables: readonly (readonly [OwnTable, Family])[] = [
    [new OwnTable(4, { name, loopback, closed: () => closed(4) }), 4],
    [new OwnTable(6, { name, loopback, closed: () => closed(6) }), 6],
  ];
  const [[v4], [v6]] = tables as readonly [readonly [OwnTable, Family], readonly [OwnTable, Family]];
  const wants6 = ({ networks = [] }: FirewallChange) =>
    ipv6 && networks.some(({ subnet6 }) => subnet6 !== undefined);
  const everywhere = async (change: (table: OwnTable) => Promise<void>) => {
    await Promise.all(tables.filter(([table]) => table.opened).map(([table]) => change(table)));
  };

  async function counters(port: PublishedPort) {
    const family: Family = port.containerIp.includes(":") ? 6 : 4;
    const listing = await (family === 6 ? v6 : v4).listing();
    return portElements(port, family).map(({ place, key, to }) => {
      const found = listing?.elements.get(place)?.find((element) => element.key === key);
      const rule = `${tableOf(family, name)} ${place} { ${key}${to ? ` : ${to}` : ""} }`;
      return { rule, packets: found?.packets ?? 0, bytes: found?.bytes ?? 0 };
    });
  }

  return {
    name: "nftables",
    async synchronize(state) {
      await Promise.all([v4.synchronize(state), wants6(state) ? v6.synchronize(state) : undefined]);
    },
    async add(change) {
      if (wants6(change)) await v6.open();
      await everywhere((table) => table.apply({}, change));
    },
    remove: (change) => everywhere((table) => table.apply(change, {})),
    async clear() {
      await Promise.all(tables.map(([table]) => table.drop()));
    },
    async restore() {
      const restored = await Promise.all(tables.map(([table]) => (table.opened ? table.restore() : false)));
      return restored.includes(true);
    },
    counters,
  };
}
