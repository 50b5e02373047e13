import { nameOf } from "../access/identity.ts";
import type { Observation } from "../http/handler.ts";

const FLUSH_AFTER = 100;
const BATCH = 64 * 1024;

/** One JSON line per request, written in batches. */
export class AccessLog {
  readonly #write: (text: string) => void;
  #pending = "";
  #timer: NodeJS.Timeout | undefined;

  constructor(write: (text: string) => void) {
    this.#write = write;
  }

  add({ exchange, status, seconds, sent, received }: Observation): void {
    const line = {
      time: new Date().toISOString(),
      level: "info",
      msg: "request",
      id: exchange.id,
      method: exchange.method,
      path: exchange.path.slice(0, 2048),
      status,
      ms: Math.round(seconds * 1e6) / 1e3,
      sent,
      received,
      address: exchange.address,
      actor: nameOf(exchange.caller.identity),
      agent: exchange.header("user-agent")?.slice(0, 256),
    };
    this.#pending += `${JSON.stringify(line)}\n`;
    if (this.#pending.length >= BATCH) this.flush();
    else this.#timer ??= setTimeout(() => this.flush(), FLUSH_AFTER);
  }

  flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#pending === "") return;
    this.#write(this.#pending);
    this.#pending = "";
  }
}
