import type { Socket } from "node:net";
import { watchForGoing } from "./presence.ts";

/** An answer on its way: emits "close" when the last byte of it has been handed over. */
interface Answering {
  once(event: "close", listener: () => void): unknown;
}

/**
 * Answers of one connection go out in the order of their requests, which node:http sees to only as far as they are its
 * own: it announces an upgrade at once, also while answers to requests before it are still being made.
 */
export class Turns {
  readonly #open = new WeakMap<Socket, Set<Answering>>();

  /** An answer of node:http has begun to be made. */
  begun(socket: Socket, answer: Answering): void {
    const open = this.#open.get(socket) ?? new Set();
    this.#open.set(socket, open.add(answer));
    answer.once("close", () => open.delete(answer));
  }

  /** Calls `act`, at once if it may, when all that was begun has been answered; never if the connection ends before. */
  after(socket: Socket, act: () => void): void {
    const open = this.#open.get(socket);
    const next = () => {
      if (socket.destroyed) return;
      const [first] = open ?? [];
      if (first) first.once("close", next);
      else act();
    };
    // Nobody reads meanwhile: what follows belongs to the upgraded connection.
    if (open && open.size > 0) watchForGoing(socket);
    next();
  }
}
