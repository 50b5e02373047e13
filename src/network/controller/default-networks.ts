import { invalidParameter } from "../../base/errors.ts";
import { newId } from "../../base/ids.ts";
import { OPTION } from "../drivers/bridge/options.ts";
import { isWithin, poolOfBridge } from "../model/default-pool.ts";
import { formatCidr, formatIp, requireCidr } from "../model/ip.ts";
import type { StoredNetwork } from "../model/records.ts";
import type { IpamPool, NetworkRecord } from "../network.ts";
import { hostRoutes } from "./host-routes.ts";
import type { Kit, NetworkConfig } from "./kit.ts";
import { driverOf, ipamOf } from "./lookup.ts";

const BASE = {
  scope: "local",
  internal: false,
  attachable: false,
  ingress: false,
  enableIPv4: true,
  enableIPv6: false,
  labels: {},
} as const;

/** Options of the default bridge, all spelled out as Docker shows them. */
function bridgeOptions(config: NetworkConfig): Readonly<Record<string, string>> {
  return {
    [OPTION.defaultBridge]: "true",
    [OPTION.icc]: String(config.icc ?? true),
    [OPTION.masquerade]: String(config.ipMasq ?? true),
    [OPTION.hostBinding]: config.defaultBindIp ?? "0.0.0.0",
    [OPTION.name]: config.bridge ?? "docker0",
    [OPTION.mtu]: String(config.mtu ?? 1500),
  };
}

type Family = 4 | 6;
type Pool = Partial<IpamPool>;

const familyOf = (text: string): Family => (text.includes(":") ? 6 : 4);

/** What the configuration says of a family. */
const asked = (config: NetworkConfig, family: Family) =>
  family === 4
    ? {
        bip: config.bip,
        range: config.fixedCidr,
        option: "fixed-cidr",
        gateway: config.defaultGateway,
        key: "DefaultGatewayIPv4",
      }
    : {
        bip: config.bip6,
        range: config.fixedCidr6,
        option: "fixed-cidr-v6",
        gateway: config.defaultGateway6,
        key: "DefaultGatewayIPv6",
      };

const poolOf = (stored: StoredNetwork | undefined, family: Family): IpamPool | undefined =>
  stored?.record.ipam.config.find(({ subnet }) => familyOf(subnet) === family);

const isOwnBridge = ({ bridge = "docker0" }: NetworkConfig): boolean => bridge === "docker0";

/** Whether a subnet may stay: that of the engine's own bridge goes when --fixed-cidr is not part of it any more. */
function fits(config: NetworkConfig, family: Family, subnet: string): boolean {
  const { range, option } = asked(config, family);
  if (!isOwnBridge(config) || range === undefined) return true;
  return isWithin(requireCidr(subnet, "subnet"), requireCidr(range, option));
}

/** The subnet that is settled: --bip, else what a bridge of that name has already, else what it had last time. */
function settledPool(kit: Kit, stored: StoredNetwork | undefined, family: Family): Pool | undefined {
  const { config, host } = kit;
  const link = host.find(config.bridge ?? "docker0");
  const { bip, range } = asked(config, family);
  if (bip === undefined) {
    const found = poolOfBridge(link ? host.addresses(link.index) : [], family, range, isOwnBridge(config));
    if (found) return found;
    const { subnet, gateway } = poolOf(stored, family) ?? {};
    const stays = subnet !== undefined && fits(config, family, subnet);
    return stays ? { subnet, ...(gateway && { gateway }) } : undefined;
  }
  const cidr = requireCidr(bip, "address of the default bridge");
  if (cidr.family !== family)
    throw invalidParameter(`invalid address of the default bridge: ${bip} is not IPv${family}`);
  return { subnet: formatCidr(cidr), gateway: formatIp({ family: cidr.family, value: cidr.address }) };
}

/**
 * --fixed-cidr in its plain form. Of somebody else's bridge it may be no part: dockerd has always put up with that for
 * IPv4, and gives out the whole subnet; for IPv6 it refuses to start.
 */
function rangeWithin({ config, log }: Kit, family: Family, subnet: string | undefined): string | undefined {
  const { range, option } = asked(config, family);
  const { bridge = "docker0" } = config;
  if (range === undefined) return undefined;
  const cidr = requireCidr(range, option);
  if (isOwnBridge(config) || subnet === undefined || isWithin(requireCidr(subnet, "subnet"), cidr))
    return formatCidr(cidr);
  const problem = `--${option}=${range} is no part of ${subnet}, the subnet of bridge ${bridge}`;
  if (family === 6)
    throw invalidParameter(`${problem}: give the bridge an address of that range, or leave the option out`);
  log.warn(`${problem}: containers get addresses of all of it`);
  return undefined;
}

function wantedPool(kit: Kit, stored: StoredNetwork | undefined, family: Family): Pool | undefined {
  const { gateway, key } = asked(kit.config, family);
  const settled = settledPool(kit, stored, family);
  const range = rangeWithin(kit, family, settled?.subnet);
  const pool = settled ?? (range ? { subnet: range } : undefined);
  if (!pool) return undefined;
  return {
    ...pool,
    ...(range && { ipRange: range }),
    ...(gateway && { auxiliaryAddresses: { [key]: gateway } }),
  };
}

async function ensureBridge(kit: Kit): Promise<void> {
  const stored = kit.store.networks().find(({ record }) => record.name === "bridge");
  const enableIPv6 = kit.config.ipv6 === true;
  const families: readonly Family[] = enableIPv6 ? [4, 6] : [4];
  const wanted = families.map((family) => wantedPool(kit, stored, family));
  const had = stored?.record.ipam.config ?? [];
  const same =
    had.length === families.length &&
    wanted.every((pool, index) => pool && samePool(poolOf(stored, families[index] ?? 4), pool));
  const id = stored?.record.id ?? newId();
  const ipam = ipamOf(kit, { ipam: { driver: "default", options: null, config: [] } });
  if (stored && !same) await ipam.releasePools(id);
  const config = same
    ? had
    : await ipam.requestPools(
        { networkId: id, enableIPv4: true, enableIPv6, pools: wanted.filter((pool) => !!pool), options: {} },
        hostRoutes(kit),
      );
  const record: NetworkRecord = {
    ...BASE,
    enableIPv6,
    id,
    name: "bridge",
    driver: "bridge",
    created: stored?.record.created ?? new Date().toISOString(),
    ipam: { driver: "default", options: null, config },
    options: bridgeOptions(kit.config),
  };
  kit.store.saveNetwork({ record, configured: false });
}

const samePool = (a: Pool | undefined, b: Pool): boolean =>
  a?.subnet === b.subnet &&
  (b.gateway === undefined || a?.gateway === b.gateway) &&
  a?.ipRange === b.ipRange &&
  JSON.stringify(a?.auxiliaryAddresses) === JSON.stringify(b.auxiliaryAddresses);

function ensurePlain(kit: Kit, name: string, driver: string): void {
  if (kit.store.networks().some(({ record }) => record.name === name)) return;
  const record: NetworkRecord = {
    ...BASE,
    id: newId(),
    name,
    driver,
    created: new Date().toISOString(),
    ipam: { driver: "default", options: null, config: [] },
    options: {},
  };
  kit.store.saveNetwork({ record, configured: false });
}

/** The networks every engine has, as the configuration of today wants them. */
export async function ensureDefaultNetworks(kit: Kit): Promise<void> {
  ensurePlain(kit, "host", "host");
  ensurePlain(kit, "none", "null");
  if (kit.config.bridge === "none") await dropBridge(kit);
  else await ensureBridge(kit);
}

async function dropBridge(kit: Kit): Promise<void> {
  const stored = kit.store.networks().find(({ record }) => record.name === "bridge");
  if (!stored) return;
  const bridge = kit.host.find("docker0");
  const isOwn = stored.record.options[OPTION.name] === "docker0";
  // Containers that run on, or another engine's, would lose their network.
  const inUse = kit.host.list().some(({ master }) => master !== undefined && master === bridge?.index);
  if (isOwn && !inUse) await driverOf(kit, stored.record).demolish(stored.record);
  await ipamOf(kit, stored.record).releasePools(stored.record.id);
  kit.store.removeNetwork(stored.record.id);
}
