import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { errnoOf } from "../../base/errors.ts";
import type { Target } from "./hold.ts";

/** Milliseconds that a program may take to listen, and between looking; its callers have been accepted already. */
const PATIENCE = 1000;
const PAUSE = 20;

/** Rejects with what the last attempt met; one that is refused is made again. */
async function reach({ ip, port }: Target, signal: AbortSignal, patience = PATIENCE): Promise<Socket> {
  const server = connect({ host: ip, port, allowHalfOpen: true, signal });
  try {
    await once(server, "connect");
    return server;
  } catch (error) {
    if (errnoOf(error) !== "ECONNREFUSED" || patience <= 0) throw error;
    await sleep(PAUSE, undefined, { signal });
    return reach({ ip, port }, signal, patience - PAUSE);
  }
}

const closed = async (socket: Socket): Promise<void> => {
  if (!socket.closed) await new Promise<void>((resolve) => socket.once("close", () => resolve()));
};

/**
 * Passes a connection on: either end's error or end is the other's, and the signal's is both's. A caller learns by the end
 * that nobody is there. Settles when both ends are closed, and never rejects.
 */
export async function relayTcp(client: Socket, target: Target, signal: AbortSignal): Promise<void> {
  client.on("error", () => client.destroy());
  const server = await reach(target, signal).catch(() => undefined);
  if (!server || client.destroyed) {
    server?.destroy();
    client.destroy();
    return closed(client);
  }
  server.on("error", () => client.destroy());
  // Nobody is left to answer; a container that is gone would never end it.
  client.on("close", () => server.destroySoon());
  client.pipe(server).pipe(client);
  await Promise.all([closed(client), closed(server)]);
}
