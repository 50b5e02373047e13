import type { Socket } from "node:net";
import type { Duplex } from "node:stream";
import type { ConnectionOptions } from "node:tls";
import type { ClientTarget } from "../client.ts";
import { readText } from "../read.ts";
import { exchange, type Response, type Upgraded } from "./exchange.ts";
import { type Request, requestBytes } from "./message.ts";
import { askPipe, type Whole } from "./pipe.ts";

/** Connections to one engine. Those that have become free are used again. */
export class Connections {
  readonly #target: ClientTarget;
  readonly #idle = new Set<Duplex>();

  constructor(target: ClientTarget) {
    this.#target = target;
  }

  /** Resolves with the beginning of the answer; its body is read from there. */
  async send(request: Request): Promise<Response> {
    const { body } = request;
    const repeatable = body === undefined || body instanceof Uint8Array;
    const idle = repeatable ? this.#takeIdle() : undefined;
    if (idle === undefined) return (await this.#exchange(this.#open(), request)) as Response;
    try {
      return (await this.#exchange(idle, request)) as Response;
    } catch (error) {
      // The engine may have closed it meanwhile. What it has begun to carry out is not asked for twice.
      if (request.method !== "GET" || request.signal?.aborted) throw error;
      return (await this.#exchange(this.#open(), request)) as Response;
    }
  }

  /** The same, with the body read whole. */
  async ask(request: Request): Promise<Whole> {
    const { method, body, signal } = request;
    if ("socketPath" in this.#target && !signal && (body === undefined || body instanceof Uint8Array)) {
      const answer = askPipe(this.#target.socketPath, { method, bytes: requestBytes(request) });
      if (answer) return answer;
    }
    const { status, headers, body: stream } = await this.send(request);
    return { status, headers, text: await readText(stream) };
  }

  /** A request that asks for the connection itself. */
  upgrade(request: Request): Promise<Response | Upgraded> {
    return this.#exchange(this.#open(), request);
  }

  close(): void {
    for (const socket of this.#idle) socket.destroy();
    this.#idle.clear();
  }

  #exchange(socket: Duplex, request: Request): Promise<Response | Upgraded> {
    return exchange(socket, request, { free: (freed) => this.#keep(freed) });
  }

  #takeIdle(): Duplex | undefined {
    for (const socket of this.#idle) {
      this.#idle.delete(socket);
      socket.removeAllListeners();
      if (socket.destroyed || !socket.writable) continue;
      (socket as Socket).ref?.();
      return socket;
    }
    return undefined;
  }

  /** An idle connection keeps no process alive, and is forgotten when the engine closes it. */
  #keep(socket: Duplex): void {
    const forget = () => {
      this.#idle.delete(socket);
      socket.destroy();
    };
    socket.on("end", forget);
    socket.on("error", forget);
    socket.on("close", forget);
    socket.resume();
    (socket as Socket).unref?.();
    this.#idle.add(socket);
  }

  #open(): Duplex {
    const target = this.#target;
    if ("dial" in target) return target.dial();
    const net = process.getBuiltinModule("node:net");
    if ("socketPath" in target) return net.connect({ path: target.socketPath, allowHalfOpen: true });
    const { host, port, tls } = target;
    const bare = host.replace(/^\[|\]$/g, "");
    if (!tls) return net.connect({ host: bare, port, allowHalfOpen: true });
    const servername = tls.servername ?? (net.isIP(bare) ? "" : bare);
    const { connect } = process.getBuiltinModule("node:tls");
    return connect({ host: bare, port, ...tls, servername, allowHalfOpen: true } as ConnectionOptions);
  }
}
