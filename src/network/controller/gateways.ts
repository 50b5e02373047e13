import { chooseGateway } from "../model/gateway.ts";
import type { StoredEndpoint, StoredNetwork } from "../model/records.ts";
import type { Gateways } from "../sandbox/namespace.ts";
import type { Kit } from "./kit.ts";
import { driverOf } from "./lookup.ts";

function candidates(kit: Kit, endpoints: readonly StoredEndpoint[], key: "gateway" | "gateway6") {
  return endpoints.flatMap((endpoint) => {
    const network = kit.store.network(endpoint.networkId);
    if (!network) return [];
    const priority = endpoint.request.GwPriority ?? 0;
    return [{ endpoint, network: network.record, gateway: endpoint[key], priority }];
  });
}

export function gatewaysOf(kit: Kit, endpoints: readonly StoredEndpoint[]): Gateways {
  const six = chooseGateway(candidates(kit, endpoints, "gateway6"));
  return {
    gateway: chooseGateway(candidates(kit, endpoints, "gateway"))?.gateway ?? "",
    gateway6: six?.gateway ?? "",
    device6: six?.endpoint.containerInterface ?? "",
  };
}

/** The endpoints with a default route: one for each family, often the same. */
export function gatewayEndpoints(kit: Kit, endpoints: readonly StoredEndpoint[]): readonly StoredEndpoint[] {
  const chosen = (["gateway", "gateway6"] as const).flatMap(
    (key) => chooseGateway(candidates(kit, endpoints, key))?.endpoint ?? [],
  );
  return [...new Set(chosen)];
}

/**
 * The endpoint through which the sandbox's ports are published: the one with the default route, among the networks that
 * can publish.
 */
export function publishingEndpoint(
  kit: Kit,
  endpoints: readonly StoredEndpoint[],
): readonly [StoredEndpoint, StoredNetwork] | undefined {
  const able = endpoints.filter(({ networkId }) => {
    const network = kit.store.network(networkId);
    return network && driverOf(kit, network.record).firewall(network.record) !== undefined;
  });
  const chosen =
    chooseGateway(candidates(kit, able, "gateway")) ?? chooseGateway(candidates(kit, able, "gateway6"));
  const network = chosen && kit.store.network(chosen.endpoint.networkId);
  return network && [chosen.endpoint, network];
}
