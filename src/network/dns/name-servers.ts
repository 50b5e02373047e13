import { createSocket, type RemoteInfo, type Socket } from "node:dgram";
import { systemError } from "../../base/errors.ts";
import type { Logger } from "../../base/log.ts";
import type { Namespaces } from "../../kernel/index.ts";
import type { Store } from "../controller/store.ts";
import { isUserDefined, type StoredSandbox } from "../model/records.ts";
import { EMBEDDED_SERVER } from "../sandbox/resolv-conf.ts";
import { forward } from "./forward.ts";
import {
  DnsFormatError,
  decodeQuery,
  encodeAnswer,
  encodeFailure,
  type Query,
  RCODE,
  TYPE,
} from "./message.ts";
import { lookUp, type Zone } from "./zone.ts";

/** Seconds an answer may be kept. */
const TTL = 600;
const PORT = 53;
/** Questions of one sandbox that may wait for other servers at a time: a container cannot make the engine's memory grow. */
const MOST_FORWARDS = 256;

export interface NameServerParts {
  readonly store: Store;
  readonly namespaces: Namespaces;
  /** Servers for a sandbox that names none: the host's. */
  readonly hostServers: () => readonly string[];
  readonly log: Logger;
}

/** Answers the names of user-defined networks, with a socket inside each sandbox that is on one. */
export class NameServers {
  readonly #parts: NameServerParts;
  readonly #servers = new Map<string, { readonly socket: Socket; forwards: number }>();
  #turn = 0;

  constructor(parts: NameServerParts) {
    this.#parts = parts;
  }

  /** Begins to answer in the sandbox, or stops, as its networks want it; fine when it already does. */
  async start(sandbox: StoredSandbox): Promise<void> {
    const wanted = sandbox.netns !== undefined && this.#networksOf(sandbox).length > 0;
    if (!wanted) return this.stop(sandbox.id);
    if (this.#servers.has(sandbox.id)) return;
    const socket = await listenInside(this.#parts.namespaces, sandbox.netns!);
    this.#servers.set(sandbox.id, { socket, forwards: 0 });
    socket.on("error", (error) =>
      this.#parts.log.warn("name server of a sandbox failed", { sandbox: sandbox.id, error }),
    );
    socket.on(
      "message",
      (bytes, from) => void this.#serve(sandbox.id, sandbox.request.containerId, bytes, from),
    );
  }

  stop(sandboxId: string): Promise<void> {
    const server = this.#servers.get(sandboxId);
    if (!server) return Promise.resolve();
    this.#servers.delete(sandboxId);
    return new Promise((resolve) => server.socket.close(resolve));
  }

  async close(): Promise<void> {
    await Promise.all([...this.#servers.keys()].map((id) => this.stop(id)));
  }

  #networksOf({ endpoints }: StoredSandbox): readonly string[] {
    return endpoints
      .map(({ networkId }) => this.#parts.store.network(networkId))
      .filter((network) => network !== undefined && isUserDefined(network.record))
      .map((network) => network!.record.id);
  }

  #zoneOf(sandbox: StoredSandbox): Zone {
    const members = this.#networksOf(sandbox).flatMap((id) => this.#parts.store.endpoints(id));
    return {
      members: members.map(([{ request }, endpoint]) => ({
        containerId: request.containerId,
        containerName: request.containerName,
        endpoint,
      })),
      links: sandbox.endpoints.flatMap(({ request }) => request.Links ?? []),
    };
  }

  async #serve(
    sandboxId: string,
    containerId: string,
    bytes: Uint8Array,
    { address, port }: RemoteInfo,
  ): Promise<void> {
    try {
      const answer = await this.#answer(sandboxId, containerId, bytes);
      // It may have been stopped while another server was asked.
      if (answer) this.#servers.get(sandboxId)?.socket.send(answer, port, address);
    } catch (error) {
      this.#parts.log.debug("name not answered", { container: containerId, error });
    }
  }

  async #answer(sandboxId: string, containerId: string, bytes: Uint8Array): Promise<Uint8Array | undefined> {
    const query = read(bytes);
    if (query === undefined || query instanceof Uint8Array) return query;
    const sandbox = this.#parts.store.ofContainer(containerId);
    if (!sandbox) return undefined;
    const known = lookUp(this.#zoneOf(sandbox), query);
    if (known) return encodeAnswer(query, RCODE.ok, this.#rotated(known), TTL);
    return this.#forward(sandboxId, sandbox, query, bytes);
  }

  /** Shared names are given out in turn. */
  #rotated<T>(answers: readonly T[]): readonly T[] {
    if (answers.length < 2) return answers;
    const first = this.#turn++ % answers.length;
    return [...answers.slice(first), ...answers.slice(0, first)];
  }

  async #forward(
    sandboxId: string,
    sandbox: StoredSandbox,
    query: Query,
    bytes: Uint8Array,
  ): Promise<Uint8Array> {
    const failure = () => encodeAnswer(query, RCODE.serverFailure, [], 0);
    const server = this.#servers.get(sandboxId);
    // On internal networks alone nothing leads outside, questions neither.
    const mayLeave = sandbox.endpoints.some(({ gateway, gateway6 }) => gateway !== "" || gateway6 !== "");
    const own = sandbox.request.dns.servers;
    const servers = own.length > 0 ? own : this.#parts.hostServers();
    if (
      !server ||
      !mayLeave ||
      servers.length === 0 ||
      server.forwards >= MOST_FORWARDS ||
      query.type === TYPE.OPT
    )
      return failure();
    server.forwards++;
    try {
      return await forward(servers, bytes, query.limit);
    } catch (error) {
      this.#parts.log.debug("no name server answered", { name: query.name, error });
      return failure();
    } finally {
      server.forwards--;
    }
  }
}

/** The query, or what to answer to bytes that are none; nothing for those nobody waits for. */
function read(bytes: Uint8Array): Query | Uint8Array | undefined {
  try {
    return decodeQuery(bytes);
  } catch (error) {
    if (!(error instanceof DnsFormatError)) throw error;
    return error.id === undefined ? undefined : encodeFailure(error.id, RCODE.format);
  }
}

/**
 * A UDP socket that belongs to the sandbox's namespace: it is made in the moment in which it is bound, so the binding has
 * to happen while the thread is inside. Node looks even addresses up asynchronously unless it is given a lookup that
 * answers at once.
 */
async function listenInside(namespaces: Namespaces, netns: string): Promise<Socket> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const socket = createSocket({
    type: "udp4",
    // So that a server in the container, which shares the option as most do, can still bind 0.0.0.0:53.
    reuseAddr: true,
    lookup: (name, _options, done) => done(null, name, 4),
  });
  socket.once("error", reject).once("listening", resolve);
  namespaces.insideNetwork(netns, () => {
    socket.bind({ address: EMBEDDED_SERVER, port: PORT, exclusive: true });
  });
  try {
    await promise;
  } catch (error) {
    throw systemError(`cannot answer names at ${EMBEDDED_SERVER} in the sandbox`, error);
  }
  socket.off("error", reject).unref();
  return socket;
}
