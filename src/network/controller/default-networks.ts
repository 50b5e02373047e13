import { newId } from "../../base/ids.ts";
import { OPTION } from "../drivers/bridge/options.ts";
import { formatCidr, formatIp, requireCidr } from "../model/ip.ts";
import type { StoredNetwork } from "../model/records.ts";
import type { IpamPool, NetworkRecord } from "../network.ts";
import { hostRoutes } from "./host-routes.ts";
import type { Kit, NetworkConfig } from "./kit.ts";
import { ipamOf } from "./lookup.ts";

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

/** The subnet that is settled: --bip, else what a bridge of that name has already, else what it had last time. */
function settledPool(kit: Kit, stored: StoredNetwork | undefined): Partial<IpamPool> | undefined {
  const { config, host } = kit;
  const link = host.find(config.bridge ?? "docker0");
  const address = link && host.addresses(link.index).find(({ ip }) => !ip.includes(":"));
  const text = config.bip ?? (address && `${address.ip}/${address.prefix}`);
  if (text === undefined) {
    const { subnet, gateway } = stored?.record.ipam.config[0] ?? {};
    return subnet === undefined ? undefined : { subnet, ...(gateway && { gateway }) };
  }
  const cidr = requireCidr(text, "address of the default bridge");
  return { subnet: formatCidr(cidr), gateway: formatIp({ family: cidr.family, value: cidr.address }) };
}

function wantedPool(kit: Kit, stored: StoredNetwork | undefined): Partial<IpamPool> | undefined {
  const { fixedCidr, defaultGateway } = kit.config;
  const pool =
    settledPool(kit, stored) ??
    (fixedCidr ? { subnet: formatCidr(requireCidr(fixedCidr, "fixed-cidr")) } : undefined);
  if (!pool) return undefined;
  return {
    ...pool,
    ...(fixedCidr && { ipRange: fixedCidr }),
    ...(defaultGateway && { auxiliaryAddresses: { DefaultGatewayIPv4: defaultGateway } }),
  };
}

function ensureBridge(kit: Kit): void {
  const stored = kit.store.networks().find(({ record }) => record.name === "bridge");
  const options = bridgeOptions(kit.config);
  const pool = wantedPool(kit, stored);
  const same = stored && pool && samePool(stored.record.ipam.config[0], pool);
  const id = stored?.record.id ?? newId();
  const ipam = ipamOf(kit, { ipam: { driver: "default", options: null, config: [] } });
  if (stored && !same) ipam.releasePools(id);
  const config =
    stored && same
      ? stored.record.ipam.config
      : ipam.requestPools(
          { networkId: id, enableIPv4: true, enableIPv6: false, pools: pool ? [pool] : [], options: {} },
          hostRoutes(kit),
        );
  const record: NetworkRecord = {
    ...BASE,
    id,
    name: "bridge",
    driver: "bridge",
    created: stored?.record.created ?? new Date().toISOString(),
    ipam: { driver: "default", options: null, config },
    options,
  };
  kit.store.saveNetwork({ record, configured: false });
}

const samePool = (a: Partial<IpamPool> | undefined, b: Partial<IpamPool>): boolean =>
  a?.subnet === b.subnet &&
  (b.gateway === undefined || a?.gateway === b.gateway) &&
  a?.ipRange === b.ipRange &&
  a?.auxiliaryAddresses?.["DefaultGatewayIPv4"] === b.auxiliaryAddresses?.["DefaultGatewayIPv4"];

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
export function ensureDefaultNetworks(kit: Kit): void {
  ensurePlain(kit, "host", "host");
  ensurePlain(kit, "none", "null");
  if (kit.config.bridge === "none") dropBridge(kit);
  else ensureBridge(kit);
}

function dropBridge(kit: Kit): void {
  const stored = kit.store.networks().find(({ record }) => record.name === "bridge");
  if (!stored) return;
  ipamOf(kit, stored.record).releasePools(stored.record.id);
  kit.store.removeNetwork(stored.record.id);
}
