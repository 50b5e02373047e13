import { chmodSync, chownSync, mkdirSync, readFileSync, unlinkSync } from "node:fs";
import type { Server } from "node:http";
import { connect, isIP } from "node:net";
import { dirname } from "node:path";
import { errnoOf, invalidParameter, systemError } from "../base/errors.ts";

/** Where one server listens. `optional`: somebody else may have it, then it is left out. */
export type Address =
  | { readonly kind: "unix"; readonly path: string; readonly optional: boolean }
  | { readonly kind: "tcp"; readonly host: string; readonly port: number }
  | { readonly kind: "fd"; readonly fd: number };

/** Sockets of the service manager. */
export const passed = (descriptors: readonly number[]): readonly Address[] =>
  descriptors.map((fd) => ({ kind: "fd", fd }));

/**
 * Used when no `-H` is given: our own socket, or those the service manager listens on, and the stock CLI's when no other
 * engine has it.
 */
export const defaultAddresses = (execRoot: string, descriptors: readonly number[]): readonly Address[] => [
  ...(descriptors.length > 0
    ? passed(descriptors)
    : [{ kind: "unix", path: `${execRoot}/wharf.sock`, optional: false } as const]),
  { kind: "unix", path: "/var/run/docker.sock", optional: true },
];

function activated(descriptors: readonly number[]): readonly Address[] {
  if (descriptors.length === 0) {
    throw invalidParameter(
      "no sockets were passed by socket activation (LISTEN_FDS); -H fd:// works under systemd only",
    );
  }
  return passed(descriptors);
}

/** Parses one `-H`: unix://PATH, tcp://HOST:PORT (ports 2375, 2376 with TLS, by default), fd://; HOST:PORT alone. */
export function parseHost(
  text: string,
  tls: boolean,
  descriptors: readonly number[] = [],
): readonly Address[] {
  if (text.startsWith("fd://")) return activated(descriptors);
  if (text.startsWith("unix://")) {
    const path = text.slice("unix://".length) || "/var/run/docker.sock";
    return [{ kind: "unix", path, optional: false }];
  }
  if (/^[^/]/.test(text) && !text.includes("://")) return parseHost(`tcp://${text}`, tls);
  const match = /^tcp:\/\/(\[[0-9a-f:.]+\]|[^:/]*)(?::(\d+))?\/?$/i.exec(text);
  if (!match) throw invalidParameter(`invalid -H ${text}: expected unix://PATH, tcp://HOST:PORT or fd://`);
  const host = (match[1] ?? "").replace(/^\[|\]$/g, "") || "127.0.0.1";
  const port = match[2] === undefined ? (tls ? 2376 : 2375) : Number(match[2]);
  if (port > 65535) throw invalidParameter(`invalid -H ${text}: port out of range`);
  return [{ kind: "tcp", host, port }];
}

/** TCP ports of these addresses (`--host`), as far as they need no name server. */
export const tcpPorts = (hosts: readonly string[], tls: boolean): readonly { ip: string; port: number }[] =>
  hosts
    .filter((text) => !/^(unix|fd):\/\//.test(text))
    .flatMap((text) => parseHost(text, tls))
    .flatMap((address) => (address.kind === "tcp" ? [address] : []))
    .map(({ host, port }) => ({ ip: host === "localhost" ? "127.0.0.1" : host, port }))
    .filter(({ ip }) => isIP(ip) !== 0);

/** Whether somebody answers on a unix socket; a refused connection means a stale file. */
function answers(path: string): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const probe = connect(path);
  probe.once("connect", () => {
    probe.destroy();
    resolve(true);
  });
  probe.once("error", (error) => resolve(!["ECONNREFUSED", "ENOENT"].includes(errnoOf(error) ?? "")));
  return promise;
}

function groupId(name: string): number {
  const line = readFileSync("/etc/group", "utf8")
    .split("\n")
    .find((entry) => entry.startsWith(`${name}:`));
  return line ? Number(line.split(":")[2]) : /^\d+$/.test(name) ? Number(name) : 0;
}

function listenOn(
  server: Server,
  options: { path: string } | { host: string; port: number } | { fd: number },
): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  server.once("error", reject);
  server.listen(options, () => {
    server.off("error", reject);
    resolve();
  });
  return promise;
}

async function listenUnix(server: Server, path: string, optional: boolean, group: string): Promise<boolean> {
  if (await answers(path)) {
    if (optional) return false;
    throw systemError(`another engine answers on ${path}; stop it or choose another socket with -H`);
  }
  try {
    unlinkSync(path);
  } catch (error) {
    if (errnoOf(error) !== "ENOENT") throw error;
  }
  mkdirSync(dirname(path), { recursive: true });
  // Nobody but root may connect before owner and mode are set.
  const before = process.umask(0o177);
  try {
    await listenOn(server, { path });
  } finally {
    process.umask(before);
  }
  chownSync(path, 0, groupId(group));
  chmodSync(path, 0o660);
  return true;
}

/** Binds `server`; false when an optional address belongs to somebody else. */
export async function bind(server: Server, address: Address, group: string): Promise<boolean> {
  try {
    switch (address.kind) {
      case "unix":
        return await listenUnix(server, address.path, address.optional, group);
      case "tcp":
        await listenOn(server, { host: address.host, port: address.port });
        return true;
      case "fd":
        await listenOn(server, { fd: address.fd });
        return true;
    }
  } catch (cause) {
    if (address.kind === "tcp" && errnoOf(cause) === "EADDRINUSE") {
      throw systemError(`cannot listen on tcp://${address.host}:${address.port}: the port is in use`, cause);
    }
    throw cause;
  }
}
