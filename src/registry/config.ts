import { invalidParameter } from "../base/errors.ts";
import type { Logger } from "../base/log.ts";

const HOUR = 3_600_000;

/** How a registry is run. Times in milliseconds. */
export interface RegistryOptions {
  /** Everything the registry keeps is in this folder. */
  readonly data: string;
  readonly host: string | undefined;
  readonly port: number;
  readonly tls?: { readonly certificate: string; readonly key: string };
  /** Believe X-Forwarded-For and X-Forwarded-Proto: only behind a proxy that sets them. */
  readonly trustProxy: boolean;
  /** As clients reach it ("https://registry.example"), where the Host header does not tell. */
  readonly externalUrl?: string;
  /** A content without a manifest stays this long after a client last asked for it. */
  readonly leaseTime: number;
  /** Uploads nobody adds to are given up after this. */
  readonly uploadTime: number;
  /** Garbage collection runs this often; 0: only when asked for. */
  readonly collectEvery: number;
  /** Requests per second from one address; 0: no limit. */
  readonly rateLimit: number;
  /** A connection on which nothing moves is closed after this. */
  readonly idleTime: number;
  /** Requests under way get this long to finish when the registry is told to stop. */
  readonly stopTime: number;
  /** Nobody gets in before there is an account, where true; else the registry is open until then. */
  readonly requireAccount: boolean;
  readonly log: Logger;
  /** Takes the access log's lines; undefined: none is kept. */
  readonly accessLog?: (text: string) => void;
}

export const DEFAULTS: Omit<RegistryOptions, "data" | "log"> = {
  host: undefined,
  port: 5000,
  trustProxy: false,
  leaseTime: 24 * HOUR,
  uploadTime: 24 * HOUR,
  collectEvery: 24 * HOUR,
  rateLimit: 0,
  idleTime: 60_000,
  stopTime: 30_000,
  requireAccount: false,
};

/** Reads ":5000", "127.0.0.1:5000", "[::1]:5000". Throws invalidParameter. */
export function parseAddress(text: string): { readonly host: string | undefined; readonly port: number } {
  const [, bracketed, plain, port = ""] = /^(?:\[([^\]]+)\]|([^:]*)):(\d{1,5})$/.exec(text) ?? [];
  const host = bracketed ?? plain;
  if (port === "" || Number(port) > 65535)
    throw invalidParameter(`invalid address "${text}": expected host:port or :port`);
  return { host: host || undefined, port: Number(port) };
}
