import { once } from "node:events";
import { rm } from "node:fs/promises";
import { connect, createServer, type Socket } from "node:net";

/** A socket that passes everything on to another one, and counts what goes there. */
export interface CountingRelay extends AsyncDisposable {
  readonly host: string;
  /** Bytes sent by clients so far. */
  bytes(): number;
}

export async function startCountingRelay(target: string, path: string): Promise<CountingRelay> {
  let count = 0;
  const sockets = new Set<Socket>();
  const server = createServer((client) => {
    const engine = connect(target);
    for (const [from, to] of [
      [client, engine],
      [engine, client],
    ] as const) {
      sockets.add(from);
      from.on("error", () => to.destroy());
      from.on("close", () => sockets.delete(from));
      from.pipe(to);
    }
    client.on("data", (chunk) => {
      count += chunk.length;
    });
  });
  server.listen(path);
  await once(server, "listening");
  return {
    host: `unix://${path}`,
    bytes: () => count,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await rm(path, { force: true });
    },
  };
}
