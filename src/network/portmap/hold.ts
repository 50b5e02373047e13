import { createSocket } from "node:dgram";
import { connect, createServer, type Socket } from "node:net";
import type { PortBinding } from "../network.ts";

/** Where a connection goes that the firewall did not rewrite; undefined while there is nowhere to go. */
export interface Target {
  readonly ip: string;
  readonly port: number;
}

export interface HeldPort {
  release(): Promise<void>;
}

/** Either end's error or end is the other's. */
function join(client: Socket, target: Target): void {
  const server = connect({ host: target.ip, port: target.port, allowHalfOpen: true });
  const end = () => {
    client.destroy();
    server.destroy();
  };
  client.on("error", end);
  server.on("error", end);
  client.pipe(server).pipe(client);
}

/**
 * Takes a TCP port of the host, so that no other process can; the kernel rewrites its connections before they would get
 * here. Those it cannot rewrite (IPv6 to a container with IPv4 alone, or no firewall) are passed on by this process.
 */
function holdTcp({ hostIp, hostPort }: PortBinding, target: () => Target | undefined): Promise<HeldPort> {
  const { promise, resolve, reject } = Promise.withResolvers<HeldPort>();
  const clients = new Set<Socket>();
  const server = createServer({ allowHalfOpen: true }, (client) => {
    clients.add(client);
    client.on("close", () => clients.delete(client));
    const to = target();
    if (to) join(client, to);
    else client.destroy();
  });
  const release = () =>
    new Promise<void>((done) => {
      server.close(() => done());
      for (const client of clients) client.destroy();
    });
  server.once("error", reject);
  server.listen({ host: hostIp, port: hostPort, exclusive: true, ipv6Only: true }, () => {
    server.off("error", reject);
    // A failed accept (too many open files) concerns one caller, not the engine.
    server.on("error", () => undefined);
    server.unref();
    resolve({ release });
  });
  return promise;
}

/** Takes a UDP port of the host. Datagrams that come here have no rule that leads on, and are dropped. */
function holdUdp({ hostIp, hostPort }: PortBinding): Promise<HeldPort> {
  const { promise, resolve, reject } = Promise.withResolvers<HeldPort>();
  const socket = createSocket({
    type: hostIp.includes(":") ? "udp6" : "udp4",
    ipv6Only: hostIp.includes(":"),
    recvBufferSize: 4096,
  });
  socket.once("error", (error) => {
    socket.close();
    reject(error);
  });
  socket.bind({ address: hostIp, port: hostPort, exclusive: true }, () => {
    socket.removeAllListeners("error");
    socket.on("error", () => undefined);
    socket.unref();
    resolve({ release: () => new Promise<void>((done) => socket.close(() => done())) });
  });
  return promise;
}

/** Takes the port for as long as the result is not released. Rejects with EADDRINUSE, EADDRNOTAVAIL, EACCES. */
export async function holdPort(binding: PortBinding, target: () => Target | undefined): Promise<HeldPort> {
  if (binding.protocol === "tcp") return holdTcp(binding, target);
  if (binding.protocol === "udp") return holdUdp(binding);
  // Node has no SCTP sockets: only this engine's own sandboxes are kept apart.
  return { release: async () => undefined };
}
