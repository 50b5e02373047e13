import type { ServerOptions } from "node:https";
import { systemError } from "../base/errors.ts";
import { readRegularFile } from "../base/regular-file.ts";
import type { Config } from "./config/config.ts";

function readKeyFile(path: string): Buffer {
  try {
    return readRegularFile(path);
  } catch (cause) {
    throw systemError(`cannot read the TLS file ${path}`, cause);
  }
}

/** Node's options for the TLS settings; `verify` lets in only clients with a certificate of the authority. */
export function tlsOptions(tls: NonNullable<Config["tls"]>): ServerOptions {
  return {
    cert: readKeyFile(tls.cert),
    key: readKeyFile(tls.key),
    ...(tls.ca && { ca: readKeyFile(tls.ca) }),
    requestCert: tls.verify,
    rejectUnauthorized: tls.verify,
  };
}
