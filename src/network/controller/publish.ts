import type { PublishedPort } from "../firewall/firewall.ts";
import type { StoredEndpoint, StoredNetwork, StoredSandbox } from "../model/records.ts";
import type { Publisher } from "../portmap/port-map.ts";
import type { Kit } from "./kit.ts";
import { driverOf } from "./lookup.ts";

export function publisherOf(
  kit: Kit,
  containerName: string,
  endpoint: StoredEndpoint,
  { record }: StoredNetwork,
): Publisher {
  const { mode4, mode6 } = driverOf(kit, record).firewall(record) ?? {};
  return {
    routed: [...(mode4 === "routed" ? [4 as const] : []), ...(mode6 === "routed" ? [6 as const] : [])],
    endpointName: containerName,
    endpointId: endpoint.endpointId,
    ipv4: endpoint.ipv4,
    ipv6: endpoint.ipv6,
    defaultHostIp: driverOf(kit, record).hostBinding(record) ?? "0.0.0.0",
  };
}

/**
 * The sandbox's ports as the firewall sees them: those whose family the container has an address of. None where the
 * container is leaving their network: the rules go first, and nobody writes them again.
 */
export function publishedPorts(
  kit: Kit,
  { publishing, endpoints, ports }: StoredSandbox,
): readonly PublishedPort[] {
  const endpoint = endpoints.find(
    ({ networkId, change }) => networkId === publishing && change !== "leaving",
  );
  const network = publishing === undefined ? undefined : kit.store.network(publishing);
  const rules = network && driverOf(kit, network.record).firewall(network.record);
  if (!endpoint || !rules) return [];
  const { bridge, trusted = [] } = rules;
  const direct = kit.config.allowDirectRouting === true ? "everywhere" : trusted;
  return ports.flatMap((binding) => {
    const containerIp = binding.hostIp.includes(":") ? endpoint.ipv6 : endpoint.ipv4;
    return containerIp === "" ? [] : [{ bridge, containerIp, binding, direct }];
  });
}
