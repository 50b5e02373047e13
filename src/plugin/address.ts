import { invalidParameter } from "../base/errors.ts";

/** Files for a plugin reached over TLS. */
export interface PluginTls {
  readonly ca: string | undefined;
  readonly cert: string | undefined;
  readonly key: string | undefined;
  readonly insecure: boolean;
}

/** Where a plugin listens. */
export type PluginAddress =
  | { readonly socket: string }
  | { readonly host: string; readonly port: number; readonly tls: PluginTls | undefined };

const text = (value: unknown): string | undefined =>
  typeof value === "string" && value !== "" ? value : undefined;

/** "unix:///run/x.sock", "tcp://host:port", "http://..." or "https://...". Throws invalidParameter naming the file. */
export function parseAddress(address: string, file: string, tls?: PluginTls): PluginAddress {
  const url = URL.parse(address);
  if (!url) throw invalidParameter(`plugin file ${file}: "${address}" is not a URL`);
  if (url.protocol === "unix:") {
    // As it stands there: a path needs no escapes, and URL would add some.
    const socket = address.slice("unix://".length);
    if (/^unix:\/\/\/[^\0]/.test(address)) return { socket };
    throw invalidParameter(
      `plugin file ${file}: "${address}" needs an absolute path, as in unix:///run/x.sock`,
    );
  }
  const secure = url.protocol === "https:" || tls !== undefined;
  if (!["tcp:", "http:", "https:"].includes(url.protocol) || url.hostname === "") {
    throw invalidParameter(`plugin file ${file}: "${address}" is neither unix://, tcp:// nor http(s)://`);
  }
  return {
    host: url.hostname.replace(/^\[(.*)\]$/, "$1"),
    port: Number(url.port) || (secure ? 443 : 80),
    tls: secure ? (tls ?? { ca: undefined, cert: undefined, key: undefined, insecure: false }) : undefined,
  };
}

/** A .json file: `{"Name": ..., "Addr": URL, "TLSConfig": {...}}`. Throws invalidParameter. */
export function parseJsonSpec(content: string, file: string): PluginAddress {
  const spec = readObject(content, file);
  const config = spec["TLSConfig"];
  const address = text(spec["Addr"]);
  if (address === undefined) throw invalidParameter(`plugin file ${file} names no "Addr"`);
  if (typeof config !== "object" || config === null) return parseAddress(address, file);
  const fields = config as Readonly<Record<string, unknown>>;
  return parseAddress(address, file, {
    ca: text(fields["CAFile"]),
    cert: text(fields["CertFile"]),
    key: text(fields["KeyFile"]),
    insecure: fields["InsecureSkipVerify"] === true,
  });
}

function readObject(content: string, file: string): Readonly<Record<string, unknown>> {
  let value: unknown;
  try {
    value = JSON.parse(content);
  } catch (error) {
    throw invalidParameter(`plugin file ${file} is not JSON`, error);
  }
  if (typeof value === "object" && value !== null) return value as Readonly<Record<string, unknown>>;
  throw invalidParameter(`plugin file ${file} holds no JSON object`);
}
