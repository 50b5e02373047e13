import { invalidParameter } from "../../../../base/errors.ts";
import type { portRoutes } from "../../../routes/own/port.ts";
import type { NetworkPath, PathLink, PublishedBinding } from "../../../schema/network-path.ts";
import type { Handlers } from "../../call.ts";
import type { NetworkPathView, PathLinkView, PortBindingView } from "../../ports.ts";

const encodeBinding = ({ hostIp, hostPort, containerPort, protocol }: PortBindingView): PublishedBinding => ({
  Port: `${containerPort}/${protocol}`,
  HostIp: hostIp,
  HostPort: hostPort,
});

const encodeLink = (link: PathLinkView | undefined): PathLink | null =>
  link === undefined
    ? null
    : {
        Name: link.name,
        Index: link.index,
        PeerIndex: link.peer ?? 0,
        MacAddress: link.mac,
        Mtu: link.mtu,
        Up: link.up,
        Addresses: link.addresses,
      };

const encodePath = ({ netns, firewall, endpoints, ports }: NetworkPathView): NetworkPath => ({
  SandboxKey: netns ?? "",
  Firewall: firewall,
  Endpoints: endpoints.map((endpoint) => ({
    Network: endpoint.network,
    Driver: endpoint.driver,
    Bridge: encodeLink(endpoint.bridge),
    Host: encodeLink(endpoint.host),
    Container: encodeLink(endpoint.container),
    Gateway: endpoint.gateway,
    GatewayIPv6: endpoint.gateway6,
    DefaultRoute: endpoint.isDefaultRoute,
  })),
  Ports: ports.map(({ binding, target, by, loopback, rules }) => ({
    ...encodeBinding(binding),
    Target: target,
    By: by,
    Loopback: loopback,
    Rules: rules.map(({ rule, packets, bytes }) => ({ Rule: rule, Packets: packets, Bytes: bytes })),
  })),
});

function specOf(spec: string | undefined): string {
  if (!spec) throw invalidParameter("a port is needed, such as 8080:80");
  return spec;
}

export const portHandlers: Handlers<typeof portRoutes> = {
  WharfPortAdd: async ({ args, body, engine }) =>
    (await engine.networks.publish(args.id, specOf(body.Spec))).map(encodeBinding),
  WharfPortRemove: async ({ args, engine }) =>
    (await engine.networks.withdraw(args.id, specOf(args.spec))).map(encodeBinding),
  WharfNetworkExplain: async ({ args, engine }) =>
    encodePath(await engine.networks.explain(args.id, args.port ?? "")),
};
