import { createSocket } from "node:dgram";
import { createServer, type Socket } from "node:net";
import type { PortBinding } from "../network.ts";
import type { RelayBudget } from "./relay-budget.ts";
import { relayTcp } from "./relay-tcp.ts";
import { UdpRelay } from "./relay-udp.ts";

/** Where a connection goes that the firewall did not rewrite; undefined while there is nowhere to go. */
export interface Target {
  readonly ip: string;
  readonly port: number;
}

export interface HeldPort {
  release(): Promise<void>;
}

/** Descriptors of a connection: the client's and the one to the container. */
const ENDS = 2;

export interface HoldParts {
  readonly target: () => Target | undefined;
  readonly budget: RelayBudget;
  readonly listenSctp: ListenSctp;
}

/**
 * Takes a TCP port of the host, so that no other process can; the kernel rewrites its connections before they would get
 * here. Those it cannot rewrite (IPv6 to a container with IPv4 alone, or no firewall) are passed on by this process.
 */
function holdTcp({ hostIp, hostPort }: PortBinding, { target, budget }: HoldParts): Promise<HeldPort> {
  const { promise, resolve, reject } = Promise.withResolvers<HeldPort>();
  const clients = new Set<Socket>();
  const ending = new AbortController();
  const server = createServer({ allowHalfOpen: true }, (client) => {
    const to = target();
    if (!to || !budget.take(ENDS)) return void client.destroy();
    clients.add(client);
    client.on("close", () => clients.delete(client));
    void relayTcp(client, to, ending.signal).finally(() => budget.giveBack(ENDS));
  });
  const release = () =>
    new Promise<void>((done) => {
      server.close(() => done());
      ending.abort();
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

/**
 * Takes a UDP port of the host. As with TCP, only datagrams that the kernel did not rewrite come here, and are passed on.
 */
function holdUdp({ hostIp, hostPort }: PortBinding, { target, budget }: HoldParts): Promise<HeldPort> {
  const { promise, resolve, reject } = Promise.withResolvers<HeldPort>();
  const ipv6 = hostIp.includes(":");
  const socket = createSocket({ type: ipv6 ? "udp6" : "udp4", ipv6Only: ipv6 });
  let relay: UdpRelay | undefined;
  socket.once("error", (error) => {
    socket.close();
    reject(error);
  });
  socket.bind({ address: hostIp, port: hostPort, exclusive: true }, () => {
    socket.removeAllListeners("error");
    socket.on("error", () => undefined);
    relay = new UdpRelay(socket, target, budget);
    socket.unref();
    resolve({
      release: () =>
        new Promise<void>((done) => {
          relay?.close();
          socket.close(() => done());
        }),
    });
  });
  return promise;
}

/** Takes an SCTP port of the host; Node has no such sockets, so that the kernel's are used. */
async function holdSctp({ hostIp, hostPort }: PortBinding, listen: ListenSctp): Promise<HeldPort> {
  const socket = listen(hostIp, hostPort);
  return { release: async () => socket[Symbol.dispose]() };
}

/** Throws an error with the kernel's code where there is no SCTP. */
export type ListenSctp = (ip: string, port: number) => Disposable;

/**
 * Takes the port for as long as the result is not released. Rejects with EADDRINUSE, EADDRNOTAVAIL, EACCES,
 * EPROTONOSUPPORT.
 */
export async function holdPort(binding: PortBinding, parts: HoldParts): Promise<HeldPort> {
  if (binding.protocol === "tcp") return holdTcp(binding, parts);
  if (binding.protocol === "udp") return holdUdp(binding, parts);
  return holdSctp(binding, parts.listenSctp);
}
