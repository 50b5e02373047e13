import { invalidParameter, notFound, notImplemented } from "../../../base/errors.ts";
import type { networkRoutes } from "../../routes/network.ts";
import type { CreateNetworkBody, Ipam, NetworkResource } from "../../schema/network.ts";
import type { Handlers } from "../call.ts";
import type { Networks, NetworkView } from "../ports.ts";

const withPrefix = (address: string, prefix: number): string =>
  address === "" ? "" : `${address}/${prefix}`;

const ipv4First = (a: { readonly subnet: string }, b: { readonly subnet: string }): number =>
  Number(a.subnet.includes(":")) - Number(b.subnet.includes(":"));

function encodeIpam({ ipam }: NetworkView): NetworkResource["IPAM"] {
  return {
    Driver: ipam.driver,
    Options: ipam.options,
    Config: ipam.config.toSorted(ipv4First).map(({ subnet, ipRange, gateway, auxiliaryAddresses }) => ({
      Subnet: subnet,
      ...(ipRange ? { IPRange: ipRange } : {}),
      ...(gateway ? { Gateway: gateway } : {}),
      ...(auxiliaryAddresses ? { AuxiliaryAddresses: auxiliaryAddresses } : {}),
    })),
  };
}

/** The list leaves the containers out, as Docker's does. */
function encodeNetwork(view: NetworkView, containers: NetworkView["containers"]): NetworkResource {
  return {
    Name: view.name,
    Id: view.id,
    Created: view.created,
    Scope: view.scope,
    Driver: view.driver,
    EnableIPv4: view.enableIPv4,
    EnableIPv6: view.enableIPv6,
    IPAM: encodeIpam(view),
    Internal: view.internal,
    Attachable: view.attachable,
    Ingress: view.ingress,
    ConfigFrom: { Network: view.configFrom ?? "" },
    ConfigOnly: view.configOnly ?? false,
    Containers: Object.fromEntries(
      containers.map((container) => [
        container.containerId,
        {
          Name: container.containerName,
          EndpointID: container.endpointId,
          MacAddress: container.macAddress,
          IPv4Address: withPrefix(container.ipv4, container.ipv4Prefix),
          IPv6Address: withPrefix(container.ipv6, container.ipv6Prefix),
        },
      ]),
    ),
    Options: view.options,
    Labels: view.labels,
  };
}

function decodeIpam(ipam: Ipam | null | undefined): Parameters<Networks["create"]>[0]["ipam"] {
  if (!ipam) return undefined;
  return {
    driver: ipam.Driver || undefined,
    options: ipam.Options ?? undefined,
    config: (ipam.Config ?? []).map((pool) => ({
      subnet: pool.Subnet,
      ipRange: pool.IPRange,
      gateway: pool.Gateway,
      auxiliaryAddresses: pool.AuxiliaryAddresses ?? undefined,
    })),
  };
}

/** The first minor version in which IPv4 may be switched off. */
const IPV4_OPTIONAL = 48;

function createRequest(body: CreateNetworkBody, minor: number): Parameters<Networks["create"]>[0] {
  if (!body.Name) throw invalidParameter("invalid name: name is empty");
  if (body.Ingress || (body.Scope || "local") !== "local") {
    throw notImplemented("networks beyond this machine need swarm mode, which this engine has not");
  }
  return {
    name: body.Name,
    driver: body.Driver || undefined,
    internal: body.Internal ?? false,
    attachable: body.Attachable ?? false,
    configOnly: body.ConfigOnly ?? false,
    configFrom: body.ConfigFrom?.Network || undefined,
    enableIPv4: minor < IPV4_OPTIONAL ? undefined : body.EnableIPv4,
    enableIPv6: body.EnableIPv6,
    ipam: decodeIpam(body.IPAM),
    options: body.Options ?? {},
    labels: body.Labels ?? {},
  };
}

function containerOf(container: string | undefined): string {
  if (!container) throw invalidParameter("the name or id of a container is needed");
  return container;
}

export const networkHandlers: Handlers<typeof networkRoutes> = {
  NetworkList: ({ args, engine }) =>
    engine.networks.list(args.filters).map((view) => encodeNetwork(view, [])),
  NetworkInspect({ args, engine }) {
    const view = engine.networks.inspect(args.id);
    if (args.scope && args.scope !== view.scope) throw notFound(`network ${args.id} not found`);
    return encodeNetwork(view, view.containers);
  },
  async NetworkCreate({ body, engine, minor }) {
    const { id, warning } = await engine.networks.create(createRequest(body, minor));
    return { Id: id, Warning: warning };
  },
  NetworkDelete: ({ args, engine }) => engine.networks.remove(args.id),
  NetworkConnect: ({ args, body, engine }) =>
    engine.networks.connect(args.id, containerOf(body.Container), body.EndpointConfig ?? {}),
  NetworkDisconnect: ({ args, body, engine }) =>
    engine.networks.disconnect(args.id, containerOf(body.Container), body.Force ?? false),
  async NetworkPrune({ args, engine }) {
    const deleted = await engine.networks.prune(args.filters);
    return { NetworksDeleted: deleted.length > 0 ? deleted : null };
  },
};
