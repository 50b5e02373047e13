import { EPOLLERR, EPOLLHUP, EPOLLIN, EPOLLOUT, Epoll } from "./epoll.ts";
import type { Report, Request, WorkerSettings } from "./event-loop-messages.ts";
import { takeEvent } from "./eventfd.ts";
import { PacketReceiver } from "./packet-receiver.ts";

interface Watch {
  readonly fd: number;
  /** Bytes that may be on their way; undefined for a descriptor that is only watched. */
  readonly window: number | undefined;
  outstanding: number;
  reading: boolean;
  writing: boolean;
  registered: number;
}

/** The number of the wake-up descriptor among the watches, which are counted from 1. */
const WAKE = 0;

/** The worker's side of an event loop: waits in epoll_wait(2), reads packets, obeys requests. */
export class Reactor {
  readonly #epoll = new Epoll();
  readonly #receiver = new PacketReceiver();
  readonly #watches = new Map<number, Watch>();
  readonly #settings: WorkerSettings;
  readonly #next: () => Request | undefined;
  readonly #report: (report: Report, transfer?: ArrayBuffer) => void;
  #stopped = false;

  constructor(
    settings: WorkerSettings,
    next: () => Request | undefined,
    report: (report: Report, transfer?: ArrayBuffer) => void,
  ) {
    this.#settings = settings;
    this.#next = next;
    this.#report = report;
  }

  /** Returns after a request to stop. */
  run(): void {
    this.#epoll.change(this.#settings.wakeFd, WAKE, 0, EPOLLIN);
    while (!this.#stopped) {
      this.#epoll.wait(this.#settings.patience, (id, events) => this.#handle(id, events));
    }
    this.#epoll.close();
  }

  #handle(id: number, events: number): void {
    if (id === WAKE) this.#obeyAll();
    // A watch may have been removed by a request that was handled earlier in the same round.
    const watch = this.#watches.get(id);
    if (!watch) return;
    const troubled = (events & (EPOLLERR | EPOLLHUP)) !== 0;
    if (watch.writing && (events & EPOLLOUT || troubled)) {
      watch.writing = false;
      this.#report({ event: "writable", id });
    }
    if (watch.reading && (events & EPOLLIN || troubled)) this.#read(id, watch);
    this.#register(id, watch);
  }

  #read(id: number, watch: Watch): void {
    if (watch.window === undefined) {
      watch.reading = false;
      this.#watches.delete(id);
      // Told only when it is out of epoll: its owner closes the descriptor at once.
      this.#register(id, watch);
      this.#report({ event: "readable", id });
      return;
    }
    const { bytes, lengths, status } = this.#receiver.receive(watch.fd, watch.window - watch.outstanding);
    for (const length of lengths) watch.outstanding += length;
    if (lengths.length > 0) this.#report({ event: "packets", id, bytes, lengths }, bytes);
    if (status === "more" || status === "drained") return;
    watch.reading = false;
    if (status === "end") this.#report({ event: "end", id });
    else this.#report({ event: "failed", id, syscall: "recv", errno: status.errno });
  }

  #register(id: number, watch: Watch): void {
    const hasRoom = watch.window === undefined || watch.outstanding < watch.window;
    const wanted = (watch.reading && hasRoom ? EPOLLIN : 0) | (watch.writing ? EPOLLOUT : 0);
    this.#epoll.change(watch.fd, id, watch.registered, wanted);
    watch.registered = wanted;
  }

  #obeyAll(): void {
    takeEvent(this.#settings.wakeFd);
    for (let request = this.#next(); request && !this.#stopped; request = this.#next()) this.#obey(request);
  }

  #obey(request: Request): void {
    if (request.op === "stop") {
      this.#stopped = true;
    } else if (request.op === "remove") {
      this.#remove(request.id);
    } else {
      const watch =
        request.op === "watch" || request.op === "receive" ? add(request) : this.#watches.get(request.id);
      if (!watch) return;
      this.#watches.set(request.id, watch);
      if (request.op === "credit") watch.outstanding -= request.bytes;
      if (request.op === "writable") watch.writing = true;
      this.#register(request.id, watch);
    }
  }

  #remove(id: number): void {
    const watch = this.#watches.get(id);
    if (watch) this.#epoll.change(watch.fd, id, watch.registered, 0);
    this.#watches.delete(id);
    this.#report({ event: "removed", id });
  }
}

function add(request: Extract<Request, { op: "watch" | "receive" }>): Watch {
  const window = request.op === "receive" ? request.window : undefined;
  return { fd: request.fd, window, outstanding: 0, reading: true, writing: false, registered: 0 };
}
