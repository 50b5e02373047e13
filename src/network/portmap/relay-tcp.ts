import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { errnoOf } from "../../base/errors.ts";
import type { Target } from "./hold.ts";

/** Milliseconds that a program may take to listen, and between looking; its callers have been accepted already. */
const PATIENCE = 1000;
const PAUSE = 20;

/** Rejects with what the last attempt met; one that is refused is made again. */
async function reach(target: Target, patience = PATIENCE): Promise<Socket> {
  const server = connect({ host: target.ip, port: target.port, allowHalfOpen: true });
  try {
    await once(server, "connect");
    return server;
  } catch (error) {
    if (errnoOf(error) !== "ECONNREFUSED" || patience <= 0) throw error;
    await sleep(PAUSE);
    return reach(target, patience - PAUSE);
  }
}

/** Passes a connection on: either end's error or end is the other's. A caller learns by the end that nobody is there. */
export async function relayTcp(client: Socket, target: Target): Promise<void> {
  client.on("error", () => client.destroy());
  const server = await reach(target).catch(() => undefined);
  if (!server || client.destroyed) {
    client.destroy();
    server?.destroy();
    return;
  }
  client.on("close", () => server.destroy());
  server.on("error", () => client.destroy());
  client.pipe(server).pipe(client);
}
