import type { Logger } from "../../base/log.ts";
import type { Kernel } from "../../kernel/index.ts";
import type { Store } from "../controller/store.ts";
import { isUserDefined, type StoredEndpoint, type StoredSandbox } from "../model/records.ts";
import { EMBEDDED_SERVER } from "../sandbox/resolv-conf.ts";
import { Directory } from "./directory.ts";
import { Listener } from "./listener.ts";
import {
  DnsFormatError,
  type DnsTransport,
  decodeQuery,
  encodeAnswer,
  encodeFailure,
  type Query,
  RCODE,
  TYPE,
} from "./message.ts";
import { type Servers, Upstream } from "./upstream.ts";
import { lookUp, type Zone } from "./zone.ts";

/** Seconds an answer may be kept. */
const TTL = 600;
const PORT = 53;
/** Questions of one sandbox that may wait for other servers at a time: a container cannot make the engine's memory grow. */
const MOST_FORWARDS = 256;

export interface NameServerParts {
  readonly store: Store;
  readonly kernel: Pick<Kernel, "sockets" | "redirects">;
  /** Servers for a sandbox that names none: the host's. */
  readonly hostServers: () => readonly string[];
  readonly log: Logger;
}

interface Serving {
  readonly listener: Listener;
  forwards: number;
}

/** Answers the names of user-defined networks, at an address inside each sandbox that is on one. */
export class NameServers {
  readonly #parts: NameServerParts;
  readonly #directory = new Directory();
  readonly #upstream: Upstream;
  readonly #serving = new Map<string, Serving>();
  #turn = 0;

  constructor(parts: NameServerParts) {
    this.#parts = parts;
    this.#upstream = new Upstream(parts.kernel.sockets);
    parts.store.watch((before, after) => this.#directory.change(before, after));
  }

  /** Begins to answer in the sandbox, or stops, as its networks want it; fine when it already does. */
  async start({ id, netns, endpoints, request }: StoredSandbox): Promise<void> {
    const wanted = endpoints.some((endpoint) => this.#isNamed(endpoint));
    if (netns === undefined || !wanted) return this.stop(id);
    if (this.#serving.has(id)) return;
    const { kernel, log } = this.#parts;
    const listener = await Listener.open({
      kernel,
      netns,
      address: EMBEDDED_SERVER,
      port: PORT,
      respond: (bytes, transport) => this.#respond(id, request.containerId, bytes, transport),
      failed: (error) => log.warn("name server of a sandbox failed", { sandbox: id, error }),
    });
    this.#serving.set(id, { listener, forwards: 0 });
  }

  async stop(sandboxId: string): Promise<void> {
    const serving = this.#serving.get(sandboxId);
    this.#serving.delete(sandboxId);
    await serving?.listener.close();
  }

  async close(): Promise<void> {
    await Promise.all([...this.#serving.keys()].map((id) => this.stop(id)));
  }

  #isNamed({ networkId }: StoredEndpoint): boolean {
    const network = this.#parts.store.network(networkId);
    return network !== undefined && isUserDefined(network.record);
  }

  /** The network with the default route first, then by name, whatever the order of connecting. */
  #zoneOf({ endpoints }: StoredSandbox): Zone {
    const priority = ({ request }: StoredEndpoint) => request.GwPriority ?? 0;
    const networks = endpoints
      .filter((endpoint) => this.#isNamed(endpoint))
      .toSorted((a, b) => priority(b) - priority(a) || (a.networkName < b.networkName ? -1 : 1))
      .map(({ networkId, networkName, request }) => ({
        id: networkId,
        name: networkName.toLowerCase(),
        links: request.Links ?? [],
      }));
    return { networks, directory: this.#directory };
  }

  /** Never rejects: nothing a container sends may do more than stay unanswered. */
  async #respond(
    sandboxId: string,
    containerId: string,
    bytes: Uint8Array,
    transport: DnsTransport,
  ): Promise<Uint8Array | undefined> {
    try {
      return await this.#answer(sandboxId, containerId, bytes, transport);
    } catch (error) {
      this.#parts.log.debug("name not answered", { container: containerId, error });
      return undefined;
    }
  }

  #answer(
    sandboxId: string,
    containerId: string,
    bytes: Uint8Array,
    transport: DnsTransport,
  ): Promise<Uint8Array> | Uint8Array | undefined {
    const query = read(bytes, transport);
    if (query === undefined || query instanceof Uint8Array) return query;
    const sandbox = this.#parts.store.ofContainer(containerId);
    if (!sandbox) return undefined;
    const known = query.internet ? lookUp(this.#zoneOf(sandbox), query) : undefined;
    if (known) return encodeAnswer(query, RCODE.ok, this.#rotated(known), TTL);
    return this.#forward(sandboxId, sandbox, query, bytes, transport);
  }

  /** Shared names are given out in turn. */
  #rotated<T>(answers: readonly T[]): readonly T[] {
    if (answers.length < 2) return answers;
    const first = this.#turn++ % answers.length;
    return [...answers.slice(first), ...answers.slice(0, first)];
  }

  /**
   * Servers that were named for the container are asked from where it is: they may be reachable from there alone, and a
   * network that leads nowhere keeps its questions to itself. The host's own are asked from the host.
   */
  #serversFor({ request, netns, endpoints }: StoredSandbox): Servers {
    if (request.dns.servers.length > 0) {
      // Asking this very server would be asking for ever.
      return { addresses: request.dns.servers.filter((server) => server !== EMBEDDED_SERVER), netns };
    }
    const mayLeave = endpoints.some(({ gateway, gateway6 }) => gateway !== "" || gateway6 !== "");
    return { addresses: mayLeave ? this.#parts.hostServers() : [], netns: undefined };
  }

  async #forward(
    sandboxId: string,
    sandbox: StoredSandbox,
    query: Query,
    bytes: Uint8Array,
    transport: DnsTransport,
  ): Promise<Uint8Array> {
    const failure = () => encodeAnswer(query, RCODE.serverFailure, [], 0);
    const serving = this.#serving.get(sandboxId);
    const servers = this.#serversFor(sandbox);
    const busy = !serving || serving.forwards >= MOST_FORWARDS;
    if (busy || servers.addresses.length === 0 || query.type === TYPE.OPT) return failure();
    serving.forwards++;
    try {
      return await this.#upstream.ask(servers, query, bytes, transport);
    } catch (error) {
      this.#parts.log.debug("no name server answered", { name: query.name, error });
      return failure();
    } finally {
      serving.forwards--;
    }
  }
}

/** The query, or what to answer to bytes that are none; nothing for those nobody waits for. */
function read(bytes: Uint8Array, transport: DnsTransport): Query | Uint8Array | undefined {
  try {
    return decodeQuery(bytes, transport);
  } catch (error) {
    if (!(error instanceof DnsFormatError)) throw error;
    return error.id === undefined ? undefined : encodeFailure(error.id, error.rcode);
  }
}
