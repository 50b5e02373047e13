import { errnoOf, notImplemented, systemError } from "../../../base/errors.ts";
import type { Kernel, Links } from "../../../kernel/index.ts";
import { type Plugin, PluginError } from "../../../plugin/index.ts";
import { parseCidr, parseIp } from "../../model/ip.ts";
import type { StoredEndpoint } from "../../model/records.ts";
import type { IpamPool, NetworkRecord, SandboxRequest } from "../../network.ts";
import { enableInterfaceIpv6 } from "../../sandbox/settings.ts";
import { configure } from "../configure.ts";
import { type Driver, PLAIN, type Seat } from "../driver.ts";
import { type Joined, readInterface, readJoined } from "./answers.ts";

export interface RemoteParts {
  readonly name: string;
  readonly plugin: () => Promise<Plugin>;
  readonly kernel: Pick<Kernel, "netlink" | "namespaces">;
  readonly host: Links;
}

const GENERIC = "com.docker.network.generic";
const ENABLE_IPV4 = "com.docker.network.enable_ipv4";
const ENABLE_IPV6 = "com.docker.network.enable_ipv6";
const INTERNAL = "com.docker.network.internal";

const PORT_MAP = "com.docker.network.portmap";
const EXPOSED_PORTS = "com.docker.network.endpoint.exposedports";
/** IANA's numbers. */
const PROTOCOL_NUMBERS = { tcp: 6, udp: 17, sctp: 132 } as const;

const withPrefix = (ip: string, prefix: number): string => (ip === "" ? "" : `${ip}/${prefix}`);

function ipamData({ ipam }: NetworkRecord, family: 4 | 6) {
  return ipam.config
    .filter(({ subnet }) => subnet.includes(":") === (family === 6))
    .map(({ subnet, gateway, auxiliaryAddresses }: IpamPool) => {
      const prefix = parseCidr(subnet)?.prefix ?? 0;
      return {
        AddressSpace: "LocalDefault",
        Pool: subnet,
        ...(gateway && { Gateway: withPrefix(gateway, prefix) }),
        AuxAddresses: Object.fromEntries(
          Object.entries(auxiliaryAddresses ?? {}).map(([name, ip]) => [name, withPrefix(ip, prefix)]),
        ),
      };
    });
}

/** A driver in another process, over libnetwork's protocol (moby: libnetwork/docs/remote.md). */
export class RemoteDriver implements Driver {
  readonly scope = PLAIN.scope;
  readonly hasInterfaces = true;
  readonly creatable = true;
  readonly leadsOut = PLAIN.leadsOut;
  readonly withoutGateway = PLAIN.withoutGateway;
  readonly interfacePrefix = PLAIN.interfacePrefix;
  readonly reattach = PLAIN.reattach;
  readonly reflect = PLAIN.reflect;
  readonly firewall = PLAIN.firewall;
  readonly hostBinding = PLAIN.hostBinding;
  readonly #parts: RemoteParts;

  constructor(parts: RemoteParts) {
    this.#parts = parts;
  }

  get name(): string {
    return this.#parts.name;
  }

  async #call(method: string, request: object): Promise<Readonly<Record<string, unknown>>> {
    return (await this.#parts.plugin()).call(`NetworkDriver.${method}`, request);
  }

  check(): void {
    // The plugin knows its options.
  }

  /** The plugin remembers its networks over our restarts. */
  async establish(network: NetworkRecord, how: "made" | "restored"): Promise<void> {
    if (how === "restored") return;
    const { Scope } = await this.#call("GetCapabilities", {});
    if (Scope === "global") {
      throw notImplemented(
        `network driver ${this.name} spans hosts: that needs swarm mode, which this engine has not`,
      );
    }
    await this.#call("CreateNetwork", {
      NetworkID: network.id,
      Options: {
        [ENABLE_IPV4]: network.enableIPv4,
        [ENABLE_IPV6]: network.enableIPv6,
        ...(network.internal && { [INTERNAL]: true }),
        [GENERIC]: network.options,
      },
      IPv4Data: ipamData(network, 4),
      IPv6Data: ipamData(network, 6),
    });
  }

  async demolish({ id }: NetworkRecord): Promise<void> {
    await this.#call("DeleteNetwork", { NetworkID: id });
  }

  /** The plugin may choose what the address manager has left open. */
  async prepare(network: NetworkRecord, endpoint: StoredEndpoint): Promise<StoredEndpoint> {
    const { endpointId, ipv4, ipv4Prefix, ipv6, ipv6Prefix, request } = endpoint;
    const answer = await this.#call("CreateEndpoint", {
      NetworkID: network.id,
      EndpointID: endpointId,
      Options: { ...request.DriverOpts },
      Interface: {
        Address: withPrefix(ipv4, ipv4Prefix),
        AddressIPv6: withPrefix(ipv6, ipv6Prefix),
        MacAddress: endpoint.macAddress,
      },
    });
    const chosen = readInterface(answer, this.name);
    return {
      ...endpoint,
      // What moves the interface in and out is not the engine's own link.
      hostInterface: "",
      ...(chosen.mac && { macAddress: chosen.mac }),
      ...(ipv4 === "" && chosen.ipv4 && { ipv4: chosen.ipv4.ip, ipv4Prefix: chosen.ipv4.prefix }),
      ...(ipv6 === "" && chosen.ipv6 && { ipv6: chosen.ipv6.ip, ipv6Prefix: chosen.ipv6.prefix }),
    };
  }

  async forget({ id }: NetworkRecord, endpointId: string): Promise<void> {
    await this.#call("DeleteEndpoint", { NetworkID: id, EndpointID: endpointId });
  }

  async attach(network: NetworkRecord, endpoint: StoredEndpoint, { netns }: Seat): Promise<StoredEndpoint> {
    const ids = { NetworkID: network.id, EndpointID: endpoint.endpointId };
    const joined = readJoined(
      await this.#call("Join", { ...ids, SandboxKey: netns, Options: {} }),
      this.name,
    );
    this.#moveIn(endpoint, joined, netns);
    return {
      ...endpoint,
      gateway: joined.gateway || (joined.disableGateway ? "" : endpoint.gateway),
      gateway6: joined.gateway6 || (joined.disableGateway ? "" : endpoint.gateway6),
      lentInterface: joined.source,
    };
  }

  async expose(
    { id }: NetworkRecord,
    { endpointId }: StoredEndpoint,
    { ports, exposed = [] }: SandboxRequest,
  ): Promise<void> {
    const options = {
      [PORT_MAP]: ports.map(({ hostIp, hostPort, hostPortEnd, containerPort, protocol }) => ({
        Proto: PROTOCOL_NUMBERS[protocol],
        IP: "",
        Port: containerPort,
        HostIP: hostIp,
        HostPort: hostPort,
        HostPortEnd: hostPortEnd,
      })),
      [EXPOSED_PORTS]: exposed.map(({ port, protocol }) => ({
        Proto: PROTOCOL_NUMBERS[protocol],
        Port: port,
      })),
    };
    const request = { NetworkID: id, EndpointID: endpointId, Options: options };
    await this.#ifKnown("ProgramExternalConnectivity", request);
  }

  async conceal({ id }: NetworkRecord, { endpointId }: StoredEndpoint): Promise<void> {
    await this.#ifKnown("RevokeExternalConnectivity", { NetworkID: id, EndpointID: endpointId });
  }

  /** For methods that plugins need not have. */
  async #ifKnown(method: string, request: object): Promise<void> {
    try {
      await this.#call(method, request);
    } catch (error) {
      if (!(error instanceof PluginError) || error.status !== 404) throw error;
    }
  }

  #moveIn(endpoint: StoredEndpoint, joined: Joined, netns: string): void {
    const { host, kernel, name } = this.#parts;
    if (joined.source === "") return;
    const link = host.find(joined.source);
    if (!link)
      throw systemError(`network plugin ${name} named interface ${joined.source}, which does not exist`);
    host.change(link.index, { up: false });
    host.change(link.index, { name: endpoint.containerInterface, netns });
    kernel.namespaces.insideNetwork(netns, () => {
      enableInterfaceIpv6(endpoint.containerInterface, endpoint.ipv6 !== "");
      using inside = kernel.netlink.open();
      const moved = inside.find(endpoint.containerInterface);
      if (!moved)
        throw systemError(
          `interface ${joined.source} of network plugin ${name} did not appear in the sandbox`,
        );
      if (moved.mac !== endpoint.macAddress && endpoint.macAddress !== "")
        inside.change(moved.index, { mac: endpoint.macAddress });
      configure(inside, moved, endpoint);
      for (const { destination, gateway } of joined.routes) {
        const family = destination.includes(":") ? 6 : 4;
        const via = parseIp(gateway) ? { gateway } : { scope: "link" as const };
        inside.addRoute({ family, destination, index: moved.index, ...via });
      }
    });
  }

  /** The interface is the plugin's: it goes back to the host under its old name. */
  async detach(
    network: NetworkRecord | undefined,
    endpoint: StoredEndpoint,
    seat: Seat | undefined,
  ): Promise<void> {
    try {
      if (seat) this.#moveOut(endpoint, seat);
    } finally {
      const { networkId, endpointId } = endpoint;
      if (network) await this.#call("Leave", { NetworkID: networkId, EndpointID: endpointId });
    }
  }

  #moveOut({ containerInterface, lentInterface }: StoredEndpoint, { netns }: Seat): void {
    if (!lentInterface) return;
    try {
      using inside = this.#parts.kernel.netlink.open(netns);
      const link = inside.find(containerInterface);
      if (!link) return;
      inside.change(link.index, { up: false });
      inside.change(link.index, { name: lentInterface, netns: `/proc/${process.pid}/ns/net` });
    } catch (error) {
      // The namespace may be gone, or the container has taken the interface apart.
      if (!["ENOENT", "ENODEV", "EINVAL"].includes(errnoOf(error) ?? "")) throw error;
    }
  }
}
