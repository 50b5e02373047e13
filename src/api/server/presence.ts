import type { Duplex } from "node:stream";

/** How long a connection of a client that has gone may be kept. */
const PROBE_MS = 1_000;

/**
 * Ends a connection whose client has gone, with an error, also if nothing is ever written to it. The end of what a
 * client sends does not tell its going from its having said all; over a unix socket, writing nothing does: it fails when
 * nobody is there to read. (Over TCP only bytes are answered, or keep-alive.)
 */
export function watchForGoing(socket: Duplex): void {
  const probe = () => {
    if (socket.destroyed || socket.writableEnded) clearInterval(timer);
    else if (socket.writableLength === 0) socket.write(Buffer.alloc(0));
  };
  const timer = setInterval(probe, PROBE_MS);
  timer.unref();
  socket.once("close", () => clearInterval(timer));
  probe();
}
