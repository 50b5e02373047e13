import type { IncomingMessage, ServerResponse } from "node:http";
import { finish } from "./hijack.ts";

/** The body of a request as bytes. Whoever stops reading it leaves the connection alone: the answer still has to go there. */
export const uploadOf = (request: IncomingMessage): AsyncIterable<Uint8Array> => ({
  [Symbol.asyncIterator]: () => request.iterator({ destroyOnReturn: false }),
});

/**
 * Keeps the connection of an upload that is answered before its end: what still comes is read and dropped. Closing on
 * unread bytes would reset the connection, and the client would lose the answer with it.
 */
export function readOnAfterAnswer(request: IncomingMessage, response: ServerResponse): void {
  // Before node:http's own listener, which closes the connection of a client that wants it closed.
  response.prependOnceListener("finish", () => {
    if (request.complete) return;
    const { socket } = request;
    socket.destroySoon = () => finish(socket);
    request.removeAllListeners("readable");
    request.resume();
  });
}
