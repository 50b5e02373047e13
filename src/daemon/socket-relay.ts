import { once } from "node:events";
import { chmod, chown, rm } from "node:fs/promises";
import { connect, createServer, type Socket } from "node:net";

export interface RelayOptions {
  /** Where it listens: at most 107 bytes, the limit of unix(7). */
  readonly path: string;
  /** The socket everything is passed on to. */
  readonly target: string;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
}

/**
 * A socket with an owner and a mode of its own that leads to another one, whose own stay as they are. Disposing it ends
 * its connections.
 */
export async function relaySocket({ path, target, mode, uid, gid }: RelayOptions): Promise<AsyncDisposable> {
  const open = new Set<Socket>();
  // Either side may be done with sending before the other is.
  const server = createServer({ allowHalfOpen: true }, (client) => {
    const other = connect({ path: target, allowHalfOpen: true });
    // Whatever breaks off on one side ends the other: the command sees its agent go.
    const end = () => {
      client.destroy();
      other.destroy();
    };
    for (const socket of [client, other]) {
      open.add(socket);
      socket.on("error", end);
      socket.on("close", () => open.delete(socket));
    }
    client.pipe(other);
    other.pipe(client);
  });
  server.listen(path);
  await once(server, "listening");
  await chown(path, uid, gid);
  await chmod(path, mode);
  return {
    async [Symbol.asyncDispose]() {
      for (const socket of open) socket.destroy();
      server.close();
      await rm(path, { force: true });
    },
  };
}
