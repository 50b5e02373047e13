import { forbidden, hasKind, invalidParameter } from "../../base/errors.ts";
import type { Explanation, NetworkRecord, PortBinding } from "../../network/index.ts";
import type { Container } from "../containers/container.ts";
import type { EndpointSettings } from "../containers/documents.ts";
import { matchesLabels } from "../containers/filters/labels.ts";
import { alone, type Kit, patiently } from "../containers/kit.ts";
import { donorOf } from "../containers/modes.ts";
import { isRunning } from "../containers/state.ts";
import { untilFilter } from "../prune/until.ts";
import type { Filters, Labels } from "../views.ts";
import { isPredefined, networkFilter } from "./filters.ts";
import { explainNetwork, publishPort, withdrawPort } from "./published-ports.ts";

export interface NetworkView extends NetworkRecord {
  readonly containers: readonly {
    readonly containerId: string;
    readonly containerName: string;
    readonly endpointId: string;
    readonly macAddress: string;
    readonly ipv4: string;
    readonly ipv4Prefix: number;
    readonly ipv6: string;
    readonly ipv6Prefix: number;
  }[];
}

export interface CreateNetworkRequest {
  readonly name: string;
  readonly driver: string | undefined;
  readonly internal: boolean;
  readonly attachable: boolean;
  readonly configOnly: boolean;
  readonly configFrom: string | undefined;
  readonly enableIPv4: boolean | undefined;
  readonly enableIPv6: boolean | undefined;
  readonly ipam:
    | {
        readonly driver: string | undefined;
        readonly options: Labels | undefined;
        readonly config: readonly {
          readonly subnet?: string;
          readonly ipRange?: string;
          readonly gateway?: string;
          readonly auxiliaryAddresses?: Labels;
        }[];
      }
    | undefined;
  readonly options: Labels;
  readonly labels: Labels;
}

export interface NetworkVerbs {
  list(filters: Filters): readonly NetworkView[];
  inspect(reference: string): NetworkView;
  create(request: CreateNetworkRequest): Promise<{ readonly id: string; readonly warning: string }>;
  remove(reference: string): Promise<void>;
  connect(network: string, container: string, endpoint: EndpointSettings): Promise<void>;
  disconnect(network: string, container: string, force: boolean): Promise<void>;
  prune(filters: Filters): Promise<readonly string[]>;
  /** Publishes "8080:80" of a container, running or not, for good. */
  publish(container: string, spec: string): Promise<readonly PortBinding[]>;
  withdraw(container: string, spec: string): Promise<readonly PortBinding[]>;
  /** The way of packets to and from a running container; `port` "" for all its ports. */
  explain(container: string, port: string): Promise<Explanation>;
}

const viewOf = (kit: Kit, network: NetworkRecord): NetworkView => ({
  ...network,
  containers: kit.networks.endpoints(network.id),
});

const attributesOf = ({ name, driver }: NetworkRecord, more: Labels = {}): Labels => ({
  name,
  type: driver,
  ...more,
});

const publishMembership = (
  kit: Kit,
  action: "connect" | "disconnect",
  network: NetworkRecord,
  { id }: Container,
): void => kit.events.publish("network", action, network.id, attributesOf(network, { container: id }));

async function create(kit: Kit, request: CreateNetworkRequest) {
  const network = await kit.networks.create(request);
  kit.events.publish("network", "create", network.id, attributesOf(network));
  return { id: network.id, warning: "" };
}

async function remove(kit: Kit, reference: string): Promise<void> {
  const network = await patiently(kit, () => kit.networks.remove(reference));
  kit.events.publish("network", "destroy", network.id, attributesOf(network));
}

/** Name and id, whichever the container was connected by. */
const connectedAs = (container: Container, { id, name }: NetworkRecord): string | undefined =>
  [name, id].find((key) => Object.hasOwn(container.record.document.networks, key));

function refuseConnect(container: Container, network: NetworkRecord): void {
  const { NetworkMode } = container.record.document.hostConfig;
  const shares = donorOf(NetworkMode) !== undefined || (NetworkMode === "host" && network.driver !== "host");
  if (shares) {
    throw invalidParameter(
      "container sharing network namespace with another container or host cannot be connected to any other network",
    );
  }
  if (network.driver === "host" && NetworkMode !== "host") {
    throw invalidParameter(
      "cannot connect container to host network - container must be created in host network mode",
    );
  }
  const others = Object.keys(container.record.document.networks).filter((name) => name !== network.name);
  if (others.includes("none") || (network.driver === "null" && others.length > 0)) {
    throw invalidParameter(
      "container cannot be connected to multiple networks with one of the networks in private (none) mode",
    );
  }
}

function connect(
  kit: Kit,
  networkReference: string,
  reference: string,
  endpoint: EndpointSettings,
): Promise<void> {
  const container = kit.table.resolve(reference);
  return alone(kit, container, async () => {
    const network = kit.networks.resolve(networkReference);
    kit.networks.checkSettings(network.id, endpoint);
    refuseConnect(container, network);
    const live = isRunning(container.state);
    if (connectedAs(container, network) !== undefined) {
      // A container that does not run keeps what was asked for first.
      if (!live) return;
      throw forbidden(`endpoint with name ${container.name} already exists in network ${network.name}`);
    }
    const { networks } = container.record.document;
    if (live) await kit.networks.connect(container.id, network.id, endpoint);
    kit.table.saveDocument(container, { networks: { ...networks, [network.name]: endpoint } });
    // One that does not run joins when it starts.
    if (live) publishMembership(kit, "connect", network, container);
  });
}

/** The network to leave; undefined for one that is gone, and whose trace goes by force. */
function leftNetwork(
  kit: Kit,
  { record }: Container,
  reference: string,
  force: boolean,
): NetworkRecord | undefined {
  try {
    return kit.networks.resolve(reference);
  } catch (error) {
    if (force && hasKind(error, "notFound") && Object.hasOwn(record.document.networks, reference))
      return undefined;
    throw error;
  }
}

function forgetEndpoint(kit: Kit, container: Container, key: string): void {
  const { [key]: _gone, ...networks } = container.record.document.networks;
  kit.table.saveDocument(container, { networks });
}

function disconnect(kit: Kit, networkReference: string, reference: string, force: boolean): Promise<void> {
  const container = kit.table.resolve(reference);
  return alone(kit, container, async () => {
    const network = leftNetwork(kit, container, networkReference, force);
    if (network === undefined) return forgetEndpoint(kit, container, networkReference);
    const key = connectedAs(container, network);
    const live = isRunning(container.state);
    if (key === undefined) {
      const which = live ? "network" : "the network";
      throw invalidParameter(`container ${container.id} is not connected to ${which} ${network.name}`);
    }
    if (network.driver === "host" && live) {
      throw invalidParameter(
        "cannot disconnect container from host network - container was created in host network mode",
      );
    }
    if (live) await kit.networks.disconnect(container.id, network.id, force);
    forgetEndpoint(kit, container, key);
    if (live) publishMembership(kit, "disconnect", network, container);
  });
}

/** A network some container will join when it starts is in use, even if nobody is on it now. */
function isWanted(kit: Kit, network: NetworkRecord): boolean {
  return [...kit.table.all()].some((container) => connectedAs(container, network) !== undefined);
}

async function prune(kit: Kit, filters: Filters): Promise<readonly string[]> {
  const unknown = [...filters.keys()].find((name) => !["label", "label!", "until"].includes(name));
  if (unknown !== undefined) throw invalidParameter(`invalid filter '${unknown}'`);
  const before = untilFilter(filters.get("until") ?? []);
  const [wanted, unwanted] = [filters.get("label") ?? [], filters.get("label!") ?? []];
  const deleted: string[] = [];
  for (const network of kit.networks.list()) {
    const old = before === undefined || Date.parse(network.created) < before;
    const hit =
      matchesLabels(network.labels, wanted) &&
      !unwanted.some((text) => matchesLabels(network.labels, [text]));
    if (isPredefined(network) || !old || !hit || isWanted(kit, network)) continue;
    try {
      await remove(kit, network.id);
      deleted.push(network.name);
    } catch (error) {
      if (!hasKind(error, "conflict") && !hasKind(error, "forbidden") && !hasKind(error, "notFound"))
        throw error;
    }
  }
  kit.events.publish("network", "prune", "", { reclaimed: "0" });
  return deleted;
}

export function createNetworks(kit: Kit): NetworkVerbs {
  return {
    list: (filters) =>
      kit.networks
        .list()
        .map((network) => viewOf(kit, network))
        .filter(networkFilter(filters)),
    inspect: (reference) => viewOf(kit, kit.networks.resolve(reference)),
    create: (request) => create(kit, request),
    remove: (reference) => remove(kit, reference),
    connect: async (network, container, endpoint) => connect(kit, network, container, endpoint),
    disconnect: async (network, container, force) => disconnect(kit, network, container, force),
    prune: (filters) => prune(kit, filters),
    publish: async (container, spec) => publishPort(kit, container, spec),
    withdraw: async (container, spec) => withdrawPort(kit, container, spec),
    explain: (container, port) => explainNetwork(kit, container, port),
  };
}
