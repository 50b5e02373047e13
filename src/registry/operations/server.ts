import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { systemError } from "../../base/errors.ts";
import type { RegistryOptions } from "../config.ts";
import { readTls, TlsReloader } from "./tls.ts";

type Handler = (request: IncomingMessage, response: ServerResponse) => void;

const HEADERS_TIME = 30_000;
const KEEP_ALIVE = 75_000;
/** Fewer, larger reads of a connection. */
const READ_AHEAD = 64 * 1024;

const SETTINGS = {
  keepAliveTimeout: KEEP_ALIVE,
  headersTimeout: HEADERS_TIME,
  // a large upload may take hours; what stands still is closed by the idle timeout
  requestTimeout: 0,
  highWaterMark: READ_AHEAD,
  noDelay: true,
};

/** The listening server of a registry. */
export class RegistryServer {
  readonly #server: Server;
  readonly #reloader: TlsReloader | undefined;
  readonly #options: RegistryOptions;

  private constructor(server: Server, reloader: TlsReloader | undefined, options: RegistryOptions) {
    this.#server = server;
    this.#reloader = reloader;
    this.#options = options;
  }

  static async listen(options: RegistryOptions, handler: Handler): Promise<RegistryServer> {
    let server: Server;
    let reloader: TlsReloader | undefined;
    if (options.tls) {
      const https = await import("node:https");
      const secure = https.createServer(
        { ...SETTINGS, ...(await readTls(options.tls)), minVersion: "TLSv1.2" },
        handler,
      );
      reloader = new TlsReloader(secure, options.tls, options.log);
      server = secure;
    } else {
      // an import would evaluate all that the module offers, a whole second client among it: 80 ms and 10 MB
      server = process.getBuiltinModule("node:http").createServer(SETTINGS, handler);
    }
    server.setTimeout(options.idleTime);
    await new Promise<void>((resolve, reject) => {
      server.once("error", (cause) => reject(systemError(`cannot listen on port ${options.port}`, cause)));
      server.listen({ port: options.port, host: options.host }, resolve);
    });
    return new RegistryServer(server, reloader, options);
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  reloadTls(): Promise<void> {
    return this.#reloader?.reload(true) ?? Promise.resolve();
  }

  /** Takes no more connections, lets requests under way finish for a while, and ends the rest. */
  async close(): Promise<void> {
    this.#reloader?.[Symbol.dispose]();
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    this.#server.closeIdleConnections();
    // a connection that falls idle after its request must not hold the stop up
    const idle = setInterval(() => this.#server.closeIdleConnections(), 100);
    const timer = setTimeout(() => this.#server.closeAllConnections(), this.#options.stopTime);
    await closed;
    clearInterval(idle);
    clearTimeout(timer);
  }
}
