import { chooseGateway } from "../model/gateway.ts";
import type { StoredEndpoint, StoredNetwork } from "../model/records.ts";
import type { Gateways } from "../sandbox/namespace.ts";
import type { Kit } from "./kit.ts";
import { driverOf } from "./lookup.ts";

function candidates(kit: Kit, endpoints: readonly StoredEndpoint[]) {
  return endpoints.flatMap((endpoint) => {
    const network = kit.store.network(endpoint.networkId);
    if (!network) return [];
    const { gateway, gateway6, request } = endpoint;
    return [{ endpoint, network: network.record, gateway, gateway6, priority: request.GwPriority ?? 0 }];
  });
}

export function gatewaysOf(kit: Kit, endpoints: readonly StoredEndpoint[]): Gateways {
  const all = candidates(kit, endpoints);
  const six = chooseGateway(all, "gateway6");
  return {
    gateway: chooseGateway(all, "gateway")?.gateway ?? "",
    gateway6: six?.gateway6 ?? "",
    device6: six?.endpoint.containerInterface ?? "",
  };
}

/** The endpoints with a default route: one for each family, often the same. */
export function gatewayEndpoints(kit: Kit, endpoints: readonly StoredEndpoint[]): readonly StoredEndpoint[] {
  const chosen = (["gateway", "gateway6"] as const).flatMap(
    (key) => chooseGateway(candidates(kit, endpoints), key)?.endpoint ?? [],
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
  const all = candidates(kit, able);
  const chosen = chooseGateway(all, "gateway") ?? chooseGateway(all, "gateway6");
  const network = chosen && kit.store.network(chosen.endpoint.networkId);
  return network && [chosen.endpoint, network];
}
