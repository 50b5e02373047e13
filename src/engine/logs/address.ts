import { invalidParameter } from "../../base/errors.ts";

/** Where a log is sent: a path of the unix family, or host and port. */
export type LogAddress =
  | { readonly scheme: "unix" | "unixgram"; readonly path: string }
  | { readonly scheme: "udp" | "tcp" | "tcp+tls" | "tls"; readonly host: string; readonly port: number };

export type LogScheme = LogAddress["scheme"];

/** "tcp://host:514", "unix:///run/x.sock". Without a port in it, `defaultPort`. Throws invalidParameter. */
export function parseAddress(
  text: string,
  schemes: readonly LogScheme[],
  defaultPort: number | undefined,
): LogAddress {
  const [, word = "", rest = ""] = /^([a-z+]+):\/\/(.*)$/i.exec(text) ?? [];
  const scheme = schemes.find((known) => known === word.toLowerCase());
  if (!scheme) throw invalidParameter(`unsupported scheme: '${word || text}': use ${schemes.join(", ")}`);
  if (scheme === "unix" || scheme === "unixgram") {
    if (!rest.startsWith("/")) throw invalidParameter(`the log address ${text} needs an absolute path`);
    return { scheme, path: rest };
  }
  const match = /^(\[[0-9a-f:.%]+\]|[^:/]+)(?::(\d{1,5}))?\/?$/i.exec(rest);
  const port = match?.[2] === undefined ? defaultPort : Number(match[2]);
  if (!match?.[1] || port === undefined || port > 65_535)
    throw invalidParameter(`the log address ${text} is not ${word}://host:port`);
  return { scheme, host: match[1].replace(/^\[|\]$/g, ""), port };
}
