import { randomBytes } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Caller } from "../access/identity.ts";
import { failure } from "./errors.ts";

export type Headers = Readonly<Record<string, string | number | readonly string[]>>;

/** One request and its answer. */
export class Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly method: string;
  /** Without the query, not yet decoded. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly id = randomBytes(8).toString("hex");
  readonly started = performance.now();
  /** The client's address, as far as the registry can know it. */
  readonly address: string;
  /** The outside sees it as https: directly, or by word of a proxy that is trusted. */
  readonly secure: boolean;
  params: Readonly<Record<string, string>> = {};
  caller: Caller = { identity: { kind: "anonymous" }, by: "nothing" };
  /** The pattern of the route, for metrics. */
  route = "";

  constructor(request: IncomingMessage, response: ServerResponse, trustProxy: boolean) {
    this.request = request;
    this.response = response;
    this.method = request.method ?? "GET";
    const url = request.url ?? "/";
    const mark = url.indexOf("?");
    this.path = mark < 0 ? url : url.slice(0, mark);
    this.query = new URLSearchParams(mark < 0 ? "" : url.slice(mark + 1));
    // the last entry is the proxy's own word, those before it are the client's
    const forwarded = trustProxy ? this.header("x-forwarded-for")?.split(",").at(-1)?.trim() : undefined;
    this.address = (forwarded || request.socket.remoteAddress || "").replace(/^::ffff:/, "");
    this.secure =
      "encrypted" in request.socket ||
      (trustProxy && this.header("x-forwarded-proto")?.startsWith("https") === true);
  }

  header(name: string): string | undefined {
    const value = this.request.headers[name];
    return Array.isArray(value) ? value.join(", ") : value;
  }

  param(name: string): string {
    return this.params[name] ?? "";
  }

  /** The request's body, as it arrives; leaving the loop early does not end the connection. */
  body(): AsyncIterable<Buffer> {
    return this.request.iterator({ destroyOnReturn: false });
  }

  /** Bytes announced; undefined for a chunked body. */
  get contentLength(): number | undefined {
    const value = this.header("content-length");
    return value === undefined ? undefined : Number(value);
  }

  /** Reads the body whole. Throws when it is longer than `limit` bytes. */
  async readBody(limit: number, tooLarge = () => failure("SIZE_INVALID", { status: 413 })): Promise<Buffer> {
    if ((this.contentLength ?? 0) > limit) throw tooLarge();
    const chunks: Buffer[] = [];
    let size = 0;
    for await (const chunk of this.body()) {
      size += chunk.length;
      if (size > limit) throw tooLarge();
      chunks.push(chunk);
    }
    return chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks);
  }

  /** From here on the client waits for us: until the answer is out, silence on the connection is no fault of theirs. */
  keepWaiting(): void {
    this.request.socket.setTimeout(0);
  }

  empty(status: number, headers: Headers = {}): void {
    this.send(status, "", headers);
  }

  json(status: number, body: unknown, headers: Headers = {}): void {
    this.send(status, JSON.stringify(body), { "Content-Type": "application/json", ...headers });
  }

  send(status: number, body: string | Uint8Array, headers: Headers = {}): void {
    const bytes = typeof body === "string" ? Buffer.from(body) : body;
    const length = status === 204 || status === 304 ? {} : { "Content-Length": bytes.length };
    this.response.writeHead(status, { ...length, ...headers } as Record<string, string | number | string[]>);
    this.response.end(this.method === "HEAD" ? undefined : bytes);
  }
}
