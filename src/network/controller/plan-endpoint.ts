import { runAll } from "../../base/async.ts";
import { conflict, forbidden, hasKind, invalidParameter, messageOf } from "../../base/errors.ts";
import { newId, shortId } from "../../base/ids.ts";
import { interfaceSettings } from "../model/interface-settings.ts";
import { parseIp } from "../model/ip.ts";
import { isMac, macOfIpv4, newVethName, randomMac } from "../model/names.ts";
import { isUserDefined, type StoredEndpoint, type StoredNetwork } from "../model/records.ts";
import type { EndpointRequest, SandboxRequest } from "../network.ts";
import type { Kit } from "./kit.ts";
import { driverOf, ipamOf } from "./lookup.ts";

const IFNAME = "com.docker.network.endpoint.ifname";

/** Each is a call of the kernel: thousands would keep the engine from its other clients. */
const MOST_LINK_LOCAL = 64;

/** What is wrong with the address asked for; `network` may not exist yet. */
function addressErrors(
  kit: Kit,
  network: StoredNetwork | undefined,
  family: 4 | 6,
  ip: string,
): readonly string[] {
  if (parseIp(ip)?.family !== family || /^::ffff:\d+\./i.test(ip))
    return [`invalid IPv${family} address: ${ip}`];
  if (!network) return [];
  if (!network.configured) {
    return [
      "user specified IP address is supported only when connecting to networks with user configured subnets",
    ];
  }
  return refusalOf(() => ipamOf(kit, network.record).checkAddress(network.record.id, family, ip));
}

function refusalOf(body: () => void): readonly string[] {
  try {
    body();
    return [];
  } catch (error) {
    if (hasKind(error, "invalidParameter")) return [messageOf(error)];
    throw error;
  }
}

/** 169.254.0.0/16 (RFC 3927) and fe80::/10 (RFC 4291). */
function isLinkLocal(text: string): boolean {
  const ip = parseIp(text);
  if (!ip) return false;
  return ip.family === 4 ? ip.value >> 16n === 0xa9fen : ip.value >> 118n === 0x3fan;
}

/** All that is wrong with what is asked of a network, which may not exist yet. Touches nothing. */
function endpointErrors(
  kit: Kit,
  network: StoredNetwork | undefined,
  name: string,
  request: EndpointRequest,
): readonly string[] {
  const wanted = wantedAddresses(request);
  const isOwn = network ? isUserDefined(network.record) : !["bridge", "host", "none"].includes(name);
  const linkLocal = request.IPAMConfig?.LinkLocalIPs ?? [];
  const onlyOnOwn = [
    ...(wanted.length > 0 ? ["user specified IP address is supported on user defined networks only"] : []),
    ...((request.Aliases ?? []).length > 0
      ? ["network-scoped alias is supported only for containers in user defined networks"]
      : []),
  ];
  return [
    ...(isOwn ? wanted.flatMap(([family, ip]) => addressErrors(kit, network, family, ip)) : onlyOnOwn),
    ...(linkLocal.length > MOST_LINK_LOCAL
      ? [`${linkLocal.length} link-local IP addresses: there may be ${MOST_LINK_LOCAL}`]
      : []),
    ...linkLocal
      .slice(0, MOST_LINK_LOCAL)
      .flatMap((ip) =>
        isLinkLocal(ip.split("/", 1)[0] ?? "") ? [] : [`invalid link-local IP address: ${ip}`],
      ),
    ...(request.MacAddress && !isMac(request.MacAddress)
      ? [`invalid MAC address: ${request.MacAddress}`]
      : []),
    ...refusalOf(() => void interfaceSettings(request.DriverOpts)),
  ];
}

/** Refuses what no network of this kind can give; touches nothing. Throws invalidParameter with all that is wrong. */
export function checkEndpoint(
  kit: Kit,
  network: StoredNetwork | undefined,
  name: string,
  request: EndpointRequest,
): void {
  if (network?.record.configOnly) throw forbidden("cannot create endpoint on configuration-only network");
  const errors = endpointErrors(kit, network, name, request);
  if (errors.length === 0) return;
  throw invalidParameter(
    `invalid endpoint settings:\n${errors.length === 1 ? errors[0] : `* ${errors.join("\n* ")}`}`,
  );
}

function wantedAddresses({ IPAMConfig }: EndpointRequest): readonly (readonly [4 | 6, string])[] {
  const all = [
    [4, IPAMConfig?.IPv4Address ?? ""],
    [6, IPAMConfig?.IPv6Address ?? ""],
  ] as const;
  return all.filter(([, ip]) => ip !== "");
}

/** "eth0", "eth1", ...: the first that no endpoint of the sandbox has. */
function interfaceName(prefix: string, request: EndpointRequest, taken: readonly StoredEndpoint[]): string {
  const names = new Set(taken.map(({ containerInterface }) => containerInterface));
  const asked = request.DriverOpts?.[IFNAME];
  if (asked !== undefined) {
    if (!/^[\w.-]{1,15}$/.test(asked) || asked === "lo")
      throw invalidParameter(`invalid interface name: ${asked}`);
    if (names.has(asked)) throw conflict(`error renaming interface to "${asked}": file exists`);
    return asked;
  }
  for (let index = 0; ; index++) if (!names.has(`${prefix}${index}`)) return `${prefix}${index}`;
}

/** Whether the container has switched IPv6 off for itself: its interfaces could keep no such address. */
export const withoutIpv6 = ({ sysctls }: Pick<SandboxRequest, "sysctls">): boolean =>
  sysctls["net.ipv6.conf.all.disable_ipv6"] === "1";

/** The same of one interface. */
function isWithoutIpv6(name: string, request: EndpointRequest, { sysctls }: SandboxRequest): boolean {
  const file = `/proc/sys/net/ipv6/conf/${name}/disable_ipv6`;
  return (
    sysctls[`net.ipv6.conf.${name}.disable_ipv6`] === "1" ||
    interfaceSettings(request.DriverOpts).some(({ path, value }) => path(name) === file && value === "1")
  );
}

/** Names by which others on a user-defined network find the container. */
export function dnsNamesOf(
  network: StoredNetwork,
  request: EndpointRequest,
  sandbox: SandboxRequest,
): readonly string[] {
  if (!isUserDefined(network.record)) return [];
  const { containerName, containerId, hostname } = sandbox;
  return [...new Set([containerName, ...(request.Aliases ?? []), shortId(containerId), hostname])].filter(
    (name) => name !== "",
  );
}

/**
 * Reserves addresses and names for an endpoint that is about to be made. What it took is given back with
 * `releaseEndpoint`. Throws what the address manager or the driver throws.
 */
export async function planEndpoint(
  kit: Kit,
  network: StoredNetwork,
  request: EndpointRequest,
  sandbox: SandboxRequest,
  taken: readonly StoredEndpoint[],
): Promise<StoredEndpoint> {
  const { record } = network;
  const driver = driverOf(kit, record);
  const endpointId = newId();
  const base = {
    networkId: record.id,
    networkName: record.name,
    endpointId,
    request,
    dnsNames: dnsNamesOf(network, request, sandbox),
  };
  if (!driver.hasInterfaces) return { ...base, ...NOWHERE };
  const containerInterface = interfaceName(driver.interfacePrefix(record), request, taken);
  try {
    const v4 = await lease(kit, network, endpointId, 4, request.IPAMConfig?.IPv4Address);
    const v6 =
      withoutIpv6(sandbox) || isWithoutIpv6(containerInterface, request, sandbox)
        ? NOTHING
        : await lease(kit, network, endpointId, 6, request.IPAMConfig?.IPv6Address);
    return await driver.prepare(record, {
      ...base,
      macAddress: request.MacAddress?.toLowerCase() || (v4.ip === "" ? randomMac() : macOfIpv4(v4.ip)),
      ipv4: v4.ip,
      ipv4Prefix: v4.prefix,
      gateway: v4.gateway,
      ipv6: v6.ip,
      ipv6Prefix: v6.prefix,
      gateway6: v6.gateway,
      hostInterface: newVethName(),
      containerInterface,
    });
  } catch (error) {
    await ipamOf(kit, record).releaseOwner(endpointId);
    throw error;
  }
}

const NOTHING = { ip: "", prefix: 0, gateway: "" };
const NOWHERE = {
  macAddress: "",
  ipv4: "",
  ipv4Prefix: 0,
  gateway: "",
  ipv6: "",
  ipv6Prefix: 0,
  gateway6: "",
  hostInterface: "",
  containerInterface: "",
};

async function lease(
  kit: Kit,
  { record }: StoredNetwork,
  owner: string,
  family: 4 | 6,
  wanted: string | undefined,
) {
  const enabled = family === 4 ? record.enableIPv4 : record.enableIPv6;
  // One asked for there stays a wish, as with Docker: a subnet may be configured for a family that is not enabled.
  if (!enabled) return NOTHING;
  const got = await ipamOf(kit, record).requestAddress(record.id, owner, family, wanted || undefined);
  const pool = record.ipam.config.find(({ gateway }) => gateway === got.gateway);
  const gateway = pool?.auxiliaryAddresses?.[`DefaultGatewayIPv${family}`] ?? got.gateway;
  return { ...got, gateway: driverOf(kit, record).leadsOut(record) ? gateway : "" };
}

/** Gives its addresses back, and whatever a driver holds for it; fine when it has none, or the network is gone. */
export async function releaseEndpoint(
  kit: Kit,
  network: StoredNetwork | undefined,
  endpointId: string,
): Promise<void> {
  if (!network || !driverOf(kit, network.record).hasInterfaces) return;
  await runAll(`could not give everything of endpoint ${endpointId} back`, [
    () => driverOf(kit, network.record).forget(network.record, endpointId),
    () => ipamOf(kit, network.record).releaseOwner(endpointId),
  ]);
}
