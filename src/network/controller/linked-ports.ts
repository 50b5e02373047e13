import type { LinkedPort } from "../firewall/firewall.ts";
import { isUserDefined, type StoredEndpoint, type StoredSandbox } from "../model/records.ts";
import type { Kit } from "./kit.ts";
import { driverOf } from "./lookup.ts";

const isLinkedTo = (linking: StoredSandbox, { request }: StoredSandbox): boolean =>
  (linking.request.links ?? []).some(({ containerId }) => containerId === request.containerId);

/** What `from` may reach of `to`: its exposed ports, over each family both have. */
function portsBetween(
  bridge: string,
  from: StoredEndpoint,
  to: StoredEndpoint,
  { request }: StoredSandbox,
): readonly LinkedPort[] {
  const pairs = [
    [from.ipv4, to.ipv4],
    [from.ipv6, to.ipv6],
  ] as const;
  return pairs
    .filter(([a, b]) => a !== "" && b !== "")
    .flatMap(([a, b]) =>
      (request.exposed ?? []).map(({ port, protocol }) => ({ bridge, from: a, to: b, port, protocol })),
    );
}

/**
 * The legacy links (`--link`) to this sandbox's container, or from it: on a default bridge whose containers are kept
 * apart (`--icc=false`) they open the exposed ports. With both sides in the list of live sandboxes each link is told by
 * its source alone.
 */
export function linkedPorts(
  kit: Kit,
  sandbox: StoredSandbox,
  sides: "source" | "both" = "source",
): readonly LinkedPort[] {
  return sandbox.endpoints.flatMap((own) => {
    if (own.change === "leaving") return [];
    const network = kit.store.network(own.networkId);
    if (!network || isUserDefined(network.record)) return [];
    const rules = driverOf(kit, network.record).firewall(network.record);
    if (!rules || rules.icc) return [];
    const others = kit.store
      .endpoints(own.networkId)
      .filter(([{ id }, { change }]) => id !== sandbox.id && change !== "leaving");
    return others.flatMap(([other, its]) => [
      ...(isLinkedTo(other, sandbox) ? portsBetween(rules.bridge, its, own, sandbox) : []),
      ...(sides === "both" && isLinkedTo(sandbox, other) ? portsBetween(rules.bridge, own, its, other) : []),
    ]);
  });
}
