import { conflict, errnoOf, forbidden, invalidParameter, systemError } from "../../../base/errors.ts";
import type { Kernel, Link, Links } from "../../../kernel/index.ts";
import { broadcastOf, requireCidr } from "../../model/ip.ts";
import { macOfIpv4, randomMac } from "../../model/names.ts";
import type { StoredEndpoint } from "../../model/records.ts";
import type { CreateNetwork, IpamPool, NetworkRecord } from "../../network.ts";
import { enableInterfaceIpv6, writeSetting } from "../../sandbox/settings.ts";
import { configure } from "../configure.ts";
import { type Driver, PLAIN, type Seat } from "../driver.ts";
import { type BridgeMode, readOptions } from "./options.ts";

export interface BridgeDriverParts {
  readonly kernel: Pick<Kernel, "netlink" | "namespaces">;
  /** One handle on the host's network for the life of the engine. */
  readonly host: Links;
  /** Whether rules protect the loopback: without them 127.0.0.0/8 stays unroutable. */
  readonly localPorts: boolean;
  /** Whether there are rules at all, which then have to see what passes a bridge whose containers are kept apart. */
  readonly filtered: boolean;
}

const optionsOf = ({ id, options }: NetworkRecord) => readOptions(id, options);

const poolsOf = ({ ipam }: NetworkRecord, family: 4 | 6): readonly IpamPool[] =>
  ipam.config.filter(({ subnet }) => subnet.includes(":") === (family === 6));

/** A Linux bridge on the host and a veth pair for each endpoint. */
export class BridgeDriver implements Driver {
  readonly name = "bridge";
  readonly hasInterfaces = true;
  readonly creatable = true;
  readonly scope = PLAIN.scope;
  readonly leadsOut = PLAIN.leadsOut;
  readonly prepare = PLAIN.prepare;
  readonly forget = PLAIN.forget;
  readonly #parts: BridgeDriverParts;

  constructor(parts: BridgeDriverParts) {
    this.#parts = parts;
  }

  check({ options = {}, internal, enableIPv4 = true, enableIPv6 = false }: CreateNetwork): void {
    if (!enableIPv4 && !enableIPv6) throw invalidParameter("IPv4 or IPv6 must be enabled");
    const { mode4, mode6 } = readOptions("0".repeat(12), options);
    if (internal !== true && (mode4 === "isolated" || mode6 === "isolated"))
      throw invalidParameter("gateway mode 'isolated' can only be used for an internal network");
    if (internal === true && [mode4, mode6].some((mode) => mode === "routed" || mode === "nat-unprotected"))
      throw invalidParameter("gateway mode cannot be used with an internal network: it has no way outside");
  }

  withoutGateway(network: NetworkRecord): readonly (4 | 6)[] {
    const { mode4, mode6, inhibitIpv4 } = optionsOf(network);
    const none4 = mode4 === "isolated" || (inhibitIpv4 && network.internal);
    return [...(none4 ? [4 as const] : []), ...(mode6 === "isolated" ? [6 as const] : [])];
  }

  interfacePrefix(network: NetworkRecord): string {
    return optionsOf(network).prefix;
  }

  hostBinding(network: NetworkRecord): string | undefined {
    return optionsOf(network).hostBinding;
  }

  firewall(network: NetworkRecord) {
    const { name, icc, masquerade, mode4, mode6, hostIpv4, hostIpv6, trusted } = optionsOf(network);
    const modeOf = (mode: BridgeMode) => (mode === "isolated" ? "nat" : mode);
    const subnetOf = (family: 4 | 6) => poolsOf(network, family)[0]?.subnet;
    return {
      bridge: name,
      subnet4: subnetOf(4),
      subnet6: subnetOf(6),
      internal: network.internal,
      masquerade,
      source4: hostIpv4,
      source6: hostIpv6,
      icc,
      mode4: modeOf(mode4),
      mode6: modeOf(mode6),
      trusted,
    };
  }

  establish(network: NetworkRecord): void {
    refusePools(network);
    const { host } = this.#parts;
    const { name, mtu, inhibitIpv4, icc, mode6 } = optionsOf(network);
    const gateway = poolsOf(network, 4)[0]?.gateway;
    const found = host.find(name);
    if (found && found.kind !== "bridge") throw conflict(`existing interface ${name} is not a bridge`);
    // A MAC of its own keeps the bridge from changing it with every port that comes and goes.
    const mac = gateway ? macOfIpv4(gateway) : randomMac();
    const bridge = found ?? host.add({ kind: "bridge", name, mac, ...(mtu && { mtu }) });
    try {
      const settings = `/proc/sys/net/ipv4/conf/${name}`;
      if (this.#parts.localPorts && !network.internal) writeSetting(`${settings}/route_localnet`, "1");
      // What a container says of routers is not for the host (CVE-2020-13401). Somebody's own bridge stays as it is.
      if (!found) writeSetting(`/proc/sys/net/ipv6/conf/${name}/accept_ra`, "0");
      // An isolated one has no address, not even the kernel's own of the link.
      const ipv6 = poolsOf(network, 6).length > 0 && mode6 !== "isolated";
      // Switching it off would take addresses away that somebody may have put there.
      if (ipv6 || !found) enableInterfaceIpv6(name, ipv6);
      if (!icc && this.#parts.filtered) filterBridgedTraffic(network);
      this.#address(bridge, network, inhibitIpv4);
      host.change(bridge.index, { up: true });
    } catch (error) {
      if (!found) host.remove(bridge.index);
      throw error;
    }
  }

  /** Adds the gateway addresses that are missing; others stay, somebody may have put them there. */
  #address(bridge: Link, network: NetworkRecord, inhibitIpv4: boolean): void {
    const { host } = this.#parts;
    const { mode4, mode6 } = optionsOf(network);
    const present = host.addresses(bridge.index);
    for (const { subnet, gateway } of network.ipam.config) {
      const cidr = requireCidr(subnet, "subnet");
      if (!gateway || (cidr.family === 4 && inhibitIpv4)) continue;
      if ((cidr.family === 4 ? mode4 : mode6) === "isolated") continue;
      const same = present.filter(({ ip }) => ip === gateway);
      if (same.some(({ prefix }) => prefix === cidr.prefix)) continue;
      // The subnet has changed around it.
      for (const { prefix } of same) host.removeAddress({ index: bridge.index, ip: gateway, prefix });
      const broadcast = broadcastOf(cidr);
      host.addAddress({
        index: bridge.index,
        ip: gateway,
        prefix: cidr.prefix,
        ...(broadcast && { broadcast }),
        ...(cidr.family === 6 && { nodad: true }),
      });
    }
  }

  async demolish(network: NetworkRecord): Promise<void> {
    const link = this.#parts.host.find(optionsOf(network).name);
    if (link?.kind === "bridge") await this.#parts.host.removeLater(link.index);
  }

  attach(network: NetworkRecord, endpoint: StoredEndpoint, { netns }: Seat): StoredEndpoint {
    const { host, kernel } = this.#parts;
    const { name, mtu } = optionsOf(network);
    const bridge = host.find(name);
    if (!bridge)
      throw systemError(
        `bridge ${name} of network ${network.name} is gone: restart the engine, or make the network again`,
      );
    host.add({
      kind: "veth",
      name: endpoint.hostInterface,
      master: bridge.index,
      up: true,
      ...(mtu && { mtu }),
      peer: { name: endpoint.containerInterface, mac: endpoint.macAddress, netns, ...(mtu && { mtu }) },
    });
    kernel.namespaces.insideNetwork(netns, () => {
      // Before it is up: an address of its own making would be announced at once.
      enableInterfaceIpv6(endpoint.containerInterface, endpoint.ipv6 !== "");
      using inside = kernel.netlink.open();
      const link = inside.find(endpoint.containerInterface);
      if (!link) throw systemError(`interface ${endpoint.containerInterface} did not appear in the sandbox`);
      configure(inside, link, endpoint);
    });
    return endpoint;
  }

  detach(_network: NetworkRecord | undefined, { hostInterface }: StoredEndpoint): void {
    const { host } = this.#parts;
    const link = hostInterface === "" ? undefined : host.find(hostInterface);
    if (!link) return;
    try {
      host.change(link.index, { master: 0 });
    } catch (error) {
      // Its namespace may be ending at this very moment, and the link with it.
      if (errnoOf(error) !== "ENODEV") throw error;
    }
  }

  reattach(network: NetworkRecord, { hostInterface }: StoredEndpoint): void {
    const { host } = this.#parts;
    const link = host.find(hostInterface);
    const bridge = host.find(optionsOf(network).name);
    if (link && bridge && link.master !== bridge.index)
      host.change(link.index, { master: bridge.index, up: true });
  }

  reflect({ hostInterface }: StoredEndpoint): void {
    const link = this.#parts.host.find(hostInterface);
    if (link) this.#parts.host.change(link.index, { hairpin: true });
  }
}

/** Frames between ports of a bridge meet the rules only where br_netfilter hands them over. */
function filterBridgedTraffic({ enableIPv6 }: NetworkRecord): void {
  for (const program of enableIPv6 ? ["iptables", "ip6tables"] : ["iptables"]) {
    if (writeSetting(`/proc/sys/net/bridge/bridge-nf-call-${program}`, "1")) continue;
    throw systemError(
      "cannot restrict inter-container communication: please ensure that br_netfilter kernel module is loaded",
    );
  }
}

/** A bridge has one subnet of each family, and no way without. */
function refusePools(network: NetworkRecord): void {
  for (const family of [4, 6] as const) {
    const pools = poolsOf(network, family);
    if (pools.length > 1) throw forbidden("bridge driver doesn't support multiple subnets");
    if (pools.some(({ subnet }) => subnet.endsWith("/0")))
      throw invalidParameter(`ipv${family} pool is empty`);
  }
}
