import { runAll } from "../../base/async.ts";
import type { StoredEndpoint, StoredSandbox } from "../model/records.ts";
import { gatewayEndpoints } from "./gateways.ts";
import type { Kit } from "./kit.ts";
import { driverOf } from "./lookup.ts";

const idsOf = (endpoints: readonly StoredEndpoint[]): ReadonlySet<string> =>
  new Set(endpoints.map(({ endpointId }) => endpointId));

/**
 * Tells the drivers of a sandbox's default routes that it is reached through them now. Only plugins want to know: the
 * ports of the engine's own networks are the engine's business. `before`: the endpoints that it had.
 */
export async function expose(
  kit: Kit,
  { endpoints, request }: StoredSandbox,
  before: readonly StoredEndpoint[] = [],
): Promise<void> {
  const known = idsOf(gatewayEndpoints(kit, before));
  for (const endpoint of gatewayEndpoints(kit, endpoints)) {
    const network = kit.store.network(endpoint.networkId)?.record;
    if (network && !known.has(endpoint.endpointId))
      await driverOf(kit, network).expose?.(network, endpoint, request);
  }
}

/** The other way round, for those of `endpoints` that are none of the default routes `after` it. Goes on through errors. */
export function conceal(
  kit: Kit,
  endpoints: readonly StoredEndpoint[],
  after: readonly StoredEndpoint[] = [],
): Promise<void> {
  const kept = idsOf(gatewayEndpoints(kit, after));
  const gone = gatewayEndpoints(kit, endpoints).filter(({ endpointId }) => !kept.has(endpointId));
  return runAll(
    "could not tell a network plugin that a container is not reached through it any more",
    gone.map((endpoint) => () => {
      const network = kit.store.network(endpoint.networkId)?.record;
      return network && driverOf(kit, network).conceal?.(network, endpoint);
    }),
  );
}
