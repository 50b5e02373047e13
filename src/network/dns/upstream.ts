import type { Sockets } from "../../kernel/index.ts";
import { readdress, type ScannedAnswer, scanAnswer } from "./answer.ts";
import { askServer } from "./ask-server.ts";
import { AnswerCache } from "./cache.ts";
import { type DnsTransport, encodeTruncated, type Query, RCODE } from "./message.ts";

/** How often the list of servers is gone through, as resolv.conf(5) has it. */
const ATTEMPTS = 2;
/** As many as resolvers ask (MAXNS), so that a long list does not make a question last minutes. */
const MOST_SERVERS = 3;
/** Questions of all sandboxes that may wait for other servers at a time. */
const MOST_WAITING = 1024;
const REFUSED = 5;

export interface Servers {
  readonly addresses: readonly string[];
  /** Namespace from which they are asked; the engine's own when undefined. */
  readonly netns: string | undefined;
}

interface Found extends ScannedAnswer {
  readonly answer: Uint8Array;
}

/** A server that says this knows no more than one that is silent: the next one is asked. */
const isUseless = ({ rcode }: ScannedAnswer): boolean => rcode === RCODE.serverFailure || rcode === REFUSED;

/** Other people's name servers, with a memory of what they said. */
export class Upstream {
  readonly #sockets: Sockets;
  readonly #cache = new AnswerCache();
  /** The same question of several clients is asked once. */
  readonly #asking = new Map<string, Promise<Found>>();

  constructor(sockets: Sockets) {
    this.#sockets = sockets;
  }

  /** The answer for this client. Rejects with AggregateError when no server has one, Error when too many are waiting. */
  async ask(servers: Servers, query: Query, bytes: Uint8Array, transport: DnsTransport): Promise<Uint8Array> {
    const key = keyOf(servers, query, bytes);
    const now = performance.now();
    const known = this.#cache.get(key, now);
    if (known)
      return fit(query, readdress(known.answer, query, known.ttls, Math.floor((now - known.since) / 1000)));
    const found = await this.#once(`${transport}\0${key}`, servers, query, bytes, transport);
    const { answer, ttls, lifetime, truncated } = found;
    if (!truncated) this.#cache.set(key, { answer, ttls, lifetime, since: now });
    return fit(query, readdress(answer, query, [], 0));
  }

  #once(
    key: string,
    servers: Servers,
    query: Query,
    bytes: Uint8Array,
    transport: DnsTransport,
  ): Promise<Found> {
    const before = this.#asking.get(key);
    if (before) return before;
    if (this.#asking.size >= MOST_WAITING) return Promise.reject(new Error("too many questions are waiting"));
    const asked = this.#inTurn(servers, query, bytes, transport).finally(() => this.#asking.delete(key));
    this.#asking.set(key, asked);
    return asked;
  }

  async #inTurn(servers: Servers, query: Query, bytes: Uint8Array, transport: DnsTransport): Promise<Found> {
    const failures: unknown[] = [];
    let useless: Found | undefined;
    const addresses = servers.addresses.slice(0, MOST_SERVERS);
    for (let attempt = 0; attempt < ATTEMPTS && !useless; attempt++) {
      for (const server of addresses) {
        try {
          const found = await this.#askOne({ server, netns: servers.netns }, query, bytes, transport);
          if (!isUseless(found)) return found;
          useless ??= found;
        } catch (error) {
          failures.push(error);
        }
      }
    }
    if (useless) return useless;
    throw new AggregateError(failures, `no name server answered (${addresses.join(", ")})`);
  }

  /** What does not fit into a datagram is fetched over TCP; if that fails, the client may try by itself. */
  async #askOne(
    from: { readonly server: string; readonly netns: string | undefined },
    { questionBytes: { length } }: Query,
    bytes: Uint8Array,
    transport: DnsTransport,
  ): Promise<Found> {
    const asking = { ...from, sockets: this.#sockets };
    const found = await askServer(asking, transport, bytes, length).then(scanned);
    if (!found.truncated || transport === "tcp") return found;
    return askServer(asking, "tcp", bytes, length).then(scanned, () => found);
  }
}

const scanned = (answer: Uint8Array): Found => ({ answer, ...scanAnswer(answer) });

const fit = (query: Query, answer: Uint8Array): Uint8Array =>
  answer.length <= query.limit ? answer : encodeTruncated(query);

/** All of the message but its id, with the name in one case: the same question with the same wishes, to the same servers. */
function keyOf({ addresses, netns }: Servers, query: Query, bytes: Uint8Array): string {
  const rest = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  const flags = rest.toString("latin1", 2, 12);
  const behind = rest.toString("latin1", 12 + query.questionBytes.length);
  const type = Buffer.from(query.questionBytes.subarray(-4)).toString("latin1");
  return [netns ?? "", addresses.join(), flags, query.name, type, behind].join("\0");
}
