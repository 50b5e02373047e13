import { hasKind, invalidParameter, notFound } from "../../base/errors.ts";
import type { StoredNetwork } from "../model/records.ts";
import type { EndpointRequest, PortRequest, SandboxRequest } from "../network.ts";
import type { Kit } from "./kit.ts";
import { checkEndpoint } from "./plan-endpoint.ts";

export interface AskedNetwork {
  readonly network: StoredNetwork;
  readonly request: EndpointRequest;
}

/** A network that takes endpoints. Throws notFound. */
export function openNetwork({ store, closing, config }: Kit, reference: string): StoredNetwork {
  // With `--bridge=none` containers that ask for no other network have none (dockerd's habit).
  const network = store.resolve(reference === "bridge" && config.bridge === "none" ? "none" : reference);
  if (closing.has(network.record.id)) throw notFound(`network ${reference} not found`);
  return network;
}

/** The networks a request names. Throws notFound. */
export function askedNetworks(kit: Kit, { mode }: SandboxRequest): readonly AskedNetwork[] {
  const named = typeof mode === "string" ? { [mode]: {} } : mode.networks;
  return Object.entries(named).map(([reference, request]) => ({
    network: openNetwork(kit, reference),
    request,
  }));
}

/** Refuses what can be refused before anything is touched. */
export function check(kit: Kit, request: SandboxRequest): void {
  const asked = askedNetworks(kit, request);
  const ids = new Set(asked.map(({ network }) => network.record.id));
  if (ids.size !== asked.length) throw invalidParameter("the same network is named twice");
  for (const { network, request: endpoint } of asked)
    checkEndpoint(kit, network, network.record.name, endpoint);
  const alone = asked.find(
    ({ network }) => network.record.driver === "host" || network.record.driver === "null",
  );
  if (alone && asked.length > 1) {
    throw invalidParameter(
      `container cannot be connected to other networks together with network ${alone.network.record.name}`,
    );
  }
  checkPorts(request.ports);
}

/** Throws invalidParameter. */
export function checkPorts(ports: readonly PortRequest[]): void {
  for (const { containerPort, hostPort, hostPortEnd } of ports) {
    const valid = containerPort >= 1 && containerPort <= 65535 && hostPort >= 0 && hostPortEnd <= 65535;
    if (!valid || (hostPortEnd !== 0 && hostPortEnd < hostPort)) {
      throw invalidParameter(
        `invalid port ${hostPort}-${hostPortEnd}:${containerPort}: ports go from 1 to 65535`,
      );
    }
  }
}

/** Refuses what is asked of a network by a container that is only being created: the network itself may come later. */
export function checkSettings(kit: Kit, reference: string, request: EndpointRequest): void {
  let network: StoredNetwork | undefined;
  try {
    network = kit.store.resolve(reference);
  } catch (error) {
    if (!hasKind(error, "notFound")) throw error;
  }
  if (!network?.record.configOnly) checkEndpoint(kit, network, reference, request);
}
