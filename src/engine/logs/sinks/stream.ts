import type { Socket } from "node:net";
import { systemError } from "../../../base/errors.ts";
import { loadRegularFile } from "../../../base/regular-file.ts";
import type { LogAddress } from "../address.ts";

export interface TlsFiles {
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
  readonly skipVerify: boolean;
}

/** A connection that only sends, except for what `received` is told. */
export interface Wire {
  /** Resolves when the kernel has the bytes; rejects when the connection is gone. */
  write(data: Uint8Array): Promise<void>;
  close(): void;
}

/** How long a connection may take to come about, milliseconds. */
const PATIENCE = 10_000;

async function dial(address: LogAddress, tls: TlsFiles | undefined): Promise<Socket> {
  if ("path" in address) return (await import("node:net")).connect(address.path);
  const { host, port, scheme } = address;
  if (scheme === "tcp") return (await import("node:net")).connect(port, host);
  const { connect } = await import("node:tls");
  const read = async (path: string | undefined) => (path ? loadRegularFile(path) : undefined);
  const [ca, cert, key] = await Promise.all([read(tls?.ca), read(tls?.cert), read(tls?.key)]);
  return connect({ host, port, ca, cert, key, servername: host, rejectUnauthorized: !tls?.skipVerify });
}

/** As Go's net package names it, which is what Docker's users look for. */
export const placeOf = (address: LogAddress): string =>
  "path" in address
    ? `unix ${address.path}`
    : `${address.scheme.slice(0, 3)} ${address.host.includes(":") ? `[${address.host}]` : address.host}:${address.port}`;

const WORDS: Readonly<Record<string, string>> = {
  ECONNREFUSED: "connect: connection refused",
  ENOENT: "connect: no such file or directory",
  EHOSTUNREACH: "connect: no route to host",
  ENETUNREACH: "connect: network is unreachable",
  ENOTFOUND: "no such host",
  ETIMEDOUT: "i/o timeout",
};

export function dialFailure(address: LogAddress, error: unknown): Error {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  const text = WORDS[code] ?? (error instanceof Error ? error.message : String(error));
  return systemError(`dial ${placeOf(address)}: ${text}`, error);
}

/** Connects over tcp, tls or a unix stream. Rejects with "dial tcp host:port: connect: connection refused". */
export async function connectStream(
  address: LogAddress,
  tls?: TlsFiles,
  received?: (chunk: Uint8Array) => void,
): Promise<Wire> {
  const socket = await dial(address, tls);
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  socket.once(
    tls || ("scheme" in address && /tls/.test(address.scheme)) ? "secureConnect" : "connect",
    resolve,
  );
  socket.setTimeout(PATIENCE, () =>
    socket.destroy(Object.assign(new Error("timeout"), { code: "ETIMEDOUT" })),
  );
  let failure: unknown;
  socket.on("error", (error) => {
    failure = error;
    reject(dialFailure(address, error));
  });
  socket.on("close", () => {
    failure ??= systemError(`the connection to ${placeOf(address)} was closed`);
    reject(failure);
  });
  await promise;
  socket.setTimeout(0);
  socket.setKeepAlive(true, 30_000);
  socket.unref();
  if (received) socket.on("data", received);
  else socket.resume();
  return {
    write: (data) =>
      new Promise((done, fail) => {
        if (failure) fail(failure);
        else socket.write(data, (error) => (error ? fail(error) : done()));
      }),
    // What was written is the kernel's: it is still delivered.
    close: () => void socket.destroy(),
  };
}

/** A datagram each. UDP has no connection: nobody learns whether somebody listens. */
export async function connectUdp(address: LogAddress): Promise<Wire> {
  if ("path" in address) throw systemError("no UDP address");
  const { host, port } = address;
  const [{ createSocket }, { lookup }] = await Promise.all([
    import("node:dgram"),
    import("node:dns/promises"),
  ]);
  const found = await lookup(host).catch((error: unknown) => {
    throw dialFailure(address, error);
  });
  const socket = createSocket(found.family === 6 ? "udp6" : "udp4");
  // ICMP's "port unreachable" is no failure of a protocol that promises nothing.
  socket.on("error", () => undefined);
  socket.unref();
  return {
    write: (data) =>
      new Promise((done, fail) => {
        socket.send(data, port, found.address, (error) => (error ? fail(error) : done()));
      }),
    close: () => socket.close(),
  };
}
