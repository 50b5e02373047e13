import { createSocket, type RemoteInfo, type Socket } from "node:dgram";
import type { Target } from "./hold.ts";
import type { RelayBudget } from "./relay-budget.ts";

/** Milliseconds without a datagram after which a client is forgotten (as long as Docker's proxy waits). */
const IDLE = 90_000;
/** Clients served at once by one port; the one that was silent longest makes room. */
const MOST_CLIENTS = 1024;
/** Bytes that may wait for the kernel; what comes on top is lost, as datagrams may be. */
const MOST_WAITING = 1024 * 1024;

interface Client {
  readonly socket: Socket;
  last: number;
}

const send = (socket: Socket, bytes: Uint8Array, port: number, ip: string): void => {
  if (socket.getSendQueueSize() < MOST_WAITING) socket.send(bytes, port, ip, () => undefined);
};

/**
 * Passes on the datagrams that the kernel does not rewrite: IPv6 to a container that has IPv4 alone, ::1, or without
 * firewall rules. Each client gets a socket of its own, so that answers find the way back.
 */
export class UdpRelay {
  readonly #front: Socket;
  readonly #target: () => Target | undefined;
  readonly #budget: RelayBudget;
  readonly #clients = new Map<string, Client>();
  #sweep: NodeJS.Timeout | undefined;

  constructor(front: Socket, target: () => Target | undefined, budget: RelayBudget) {
    this.#budget = budget;
    this.#front = front;
    this.#target = target;
    front.on("message", (bytes, from) => this.#forward(bytes, from));
  }

  #forward(bytes: Uint8Array, from: RemoteInfo): void {
    const to = this.#target();
    if (!to) return;
    const key = `${from.address} ${from.port}`;
    const client = this.#clients.get(key) ?? this.#admit(from, to);
    if (!client) return;
    // The map's order is that of the last datagram.
    this.#clients.delete(key);
    this.#clients.set(key, client);
    client.last = Date.now();
    send(client.socket, bytes, to.port, to.ip);
  }

  /** Undefined when other ports have all that the engine can spare: the datagram is lost. */
  #admit(from: RemoteInfo, to: Target): Client | undefined {
    if (this.#clients.size >= MOST_CLIENTS) this.#forgetOldest();
    if (!this.#budget.take(1)) {
      this.#forgetOldest();
      if (!this.#budget.take(1)) return undefined;
    }
    const socket = createSocket(to.ip.includes(":") ? "udp6" : "udp4");
    socket.on("error", () => undefined);
    const client = { socket, last: Date.now() };
    socket.on("message", (bytes, { address, port }) => {
      // Somebody else's datagram is none of the client's business.
      const now = this.#target();
      if (address !== now?.ip || port !== now.port) return;
      client.last = Date.now();
      send(this.#front, bytes, from.port, from.address);
    });
    socket.unref();
    this.#sweep ??= setInterval(() => this.#sweepUp(), IDLE / 3).unref();
    return client;
  }

  #sweepUp(): void {
    const since = Date.now() - IDLE;
    for (const [key, { last }] of this.#clients) if (last < since) this.#forget(key);
  }

  #forgetOldest(): void {
    const [oldest] = this.#clients.keys();
    if (oldest !== undefined) this.#forget(oldest);
  }

  #forget(key: string): void {
    const client = this.#clients.get(key);
    if (!client) return;
    this.#clients.delete(key);
    client.socket.close();
    this.#budget.giveBack(1);
    if (this.#clients.size > 0) return;
    clearInterval(this.#sweep);
    this.#sweep = undefined;
  }

  close(): void {
    for (const key of [...this.#clients.keys()]) this.#forget(key);
  }
}
