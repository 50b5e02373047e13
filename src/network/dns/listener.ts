import { createSocket, type Socket as Datagrams } from "node:dgram";
import { once } from "node:events";
import { createServer, type Server, type Socket } from "node:net";
import { errnoOf, systemError } from "../../base/errors.ts";
import type { Kernel } from "../../kernel/index.ts";
import type { DnsTransport } from "./message.ts";

/** What is said to a message; undefined for nothing. */
export type Respond = (bytes: Uint8Array, transport: DnsTransport) => Promise<Uint8Array | undefined>;

export interface ListenerParts {
  readonly kernel: Pick<Kernel, "sockets" | "redirects">;
  readonly netns: string;
  readonly address: string;
  readonly port: number;
  readonly respond: Respond;
  readonly failed: (error: unknown) => void;
}

/** TCP connections of one sandbox at a time, questions of one connection at a time and turn, milliseconds without one. */
const MOST_CONNECTIONS = 64;
const MOST_PENDING = 16;
const IDLE = 10_000;
/** The kernel has no nf_tables: the port itself has to be taken. */
const NO_TABLES = new Set(["EPROTONOSUPPORT", "EOPNOTSUPP", "ENOENT", "EAFNOSUPPORT", "EINVAL"]);

/** The sockets inside one sandbox at which names are asked for. */
export class Listener {
  readonly #parts: ListenerParts;
  readonly #connections = new Set<Socket>();
  #datagrams!: Datagrams;
  #server!: Server;

  private constructor(parts: ListenerParts) {
    this.#parts = parts;
  }

  /**
   * Listens at ports that happen to be free and redirects the well-known one there, so that it stays the container's own:
   * a name server in it may bind it on all addresses.
   */
  static async open(parts: ListenerParts): Promise<Listener> {
    const listener = new Listener(parts);
    try {
      await listener.#listen();
      return listener;
    } catch (error) {
      await listener.close();
      throw systemError(`cannot answer names at ${parts.address} in the sandbox`, error);
    }
  }

  async #listen(): Promise<void> {
    await this.#bind(0);
    const { kernel, netns, address, port } = this.#parts;
    const { port: udp } = this.#datagrams.address();
    const { port: tcp } = this.#server.address() as { readonly port: number };
    try {
      kernel.redirects.redirectLocal(netns, { address, port, udp, tcp });
    } catch (error) {
      if (!NO_TABLES.has(errnoOf(error) ?? "")) throw error;
      await this.close();
      await this.#bind(port);
    }
  }

  async #bind(port: number): Promise<void> {
    const { kernel, netns, address, failed } = this.#parts;
    const open = (type: "udp4" | "tcp4") => kernel.sockets.open({ type, netns, bind: { address, port } });
    this.#datagrams = createSocket({
      type: "udp4",
      // Node looks even addresses up asynchronously unless it is given a lookup that answers at once.
      lookup: (name, _options, done) => done(null, name, 4),
    });
    this.#datagrams.on("error", failed).on("message", (bytes, from) => void this.#answer(bytes, from));
    this.#datagrams.bind({ fd: open("udp4") }).unref();
    this.#server = createServer({ noDelay: true }, (connection) => this.#accept(connection));
    this.#server.maxConnections = MOST_CONNECTIONS;
    this.#server.on("error", failed).unref();
    this.#server.listen({ fd: open("tcp4") });
    await once(this.#server, "listening");
  }

  async #answer(bytes: Uint8Array, from: { readonly address: string; readonly port: number }): Promise<void> {
    const answer = await this.#parts.respond(bytes, "udp");
    if (!answer) return;
    try {
      this.#datagrams.send(answer, from.port, from.address);
    } catch (error) {
      // It may have been closed while another server was asked.
      if (errnoOf(error) !== "ERR_SOCKET_DGRAM_NOT_RUNNING") this.#parts.failed(error);
    }
  }

  /** Messages with their length in front (RFC 1035, section 4.2.2); answered side by side (RFC 7766, section 6.2.1.1). */
  #accept(connection: Socket): void {
    this.#connections.add(connection);
    let received = Buffer.alloc(0);
    let pending = 0;
    let turn = 0;
    const serve = async (message: Uint8Array) => {
      const answer = await this.#parts.respond(message, "tcp");
      pending--;
      // Who sends what is no question gets no second chance: thousands of such messages fit into one packet.
      if (!answer) return connection.destroy();
      if (connection.writable) {
        connection.write(Buffer.concat([Buffer.from([answer.length >> 8, answer.length & 0xff]), answer]));
      }
      advance();
    };
    const nextTurn = () => {
      turn = 0;
      advance();
    };
    const isBusy = () => pending >= MOST_PENDING || turn >= MOST_PENDING || connection.writableNeedDrain;
    const advance = () => {
      if (connection.destroyed) return;
      while (!isBusy() && received.length >= 2) {
        const end = 2 + received.readUInt16BE(0);
        if (received.length < end) break;
        // Answers of our own are there at once: others get their turn before the next ones.
        if (++turn === MOST_PENDING) setImmediate(nextTurn);
        const message = received.subarray(2, end);
        received = received.subarray(end);
        pending++;
        void serve(message);
      }
      // A client that asks and does not listen to the answers is not listened to either.
      if (isBusy()) connection.pause();
      else connection.resume();
    };
    connection.setTimeout(IDLE, () => connection.destroy());
    connection.on("error", () => connection.destroy());
    connection.on("close", () => this.#connections.delete(connection));
    connection.on("drain", advance);
    connection.on("data", (chunk: Buffer) => {
      received = Buffer.concat([received, chunk]);
      advance();
    });
  }

  async close(): Promise<void> {
    for (const connection of this.#connections) connection.destroy();
    await Promise.all([closed(this.#datagrams), closed(this.#server)]);
  }
}

function closed(socket: Datagrams | Server | undefined): Promise<void> {
  return new Promise((resolve) => {
    if (!socket) return resolve();
    try {
      socket.close(() => resolve());
    } catch {
      // It never was open.
      resolve();
    }
  });
}
