import { join } from "node:path";
import { errnoOf, messageOf } from "../../base/errors.ts";
import { readFileOrPipe } from "../../base/regular-file.ts";
import { readContext, readTlsFiles } from "../config/contexts.ts";
import type { ConfigFile } from "../config/file.ts";
import type { Choice, TlsChoice } from "../context.ts";
import { DEFAULT_HOST, type Endpoint, type EndpointTls, parseEndpoint } from "./endpoint.ts";

export const DEFAULT_CONTEXT = "default";

/** The host named by the command line or the environment, if any. */
export function namedHost({ hosts }: Choice, env: NodeJS.ProcessEnv): string | undefined {
  if (hosts.length > 1) throw new Error("specify only one -H");
  return hosts[0] || env["WHARF_HOST"] || env["DOCKER_HOST"] || undefined;
}

/** The context that is in use: one that was asked for, unless a host was. */
export function currentContext(choice: Choice, env: NodeJS.ProcessEnv, config: () => ConfigFile): string {
  if (choice.context && choice.hosts.length > 0)
    throw new Error("conflicting options: cannot specify both --host and --context");
  if (choice.context) return choice.context;
  if (namedHost(choice, env) !== undefined) return DEFAULT_CONTEXT;
  return env["DOCKER_CONTEXT"] || config().currentContext || DEFAULT_CONTEXT;
}

/** Nobody has said which engine: it is this machine's own, which a command may start. */
export const isUnnamed = (choice: Choice, env: NodeJS.ProcessEnv, config: () => ConfigFile): boolean =>
  namedHost(choice, env) === undefined && currentContext(choice, env, config) === DEFAULT_CONTEXT;

/** The engine to talk to: what `-H` says, a context, WHARF_HOST or DOCKER_HOST, the user's context, the usual socket. */
export function chooseEndpoint(choice: Choice, env: NodeJS.ProcessEnv, config: () => ConfigFile): Endpoint {
  const name = currentContext(choice, env, config);
  if (name === DEFAULT_CONTEXT) return defaultEndpoint(choice, env);
  const { Host = "", SkipTLSVerify = false } = readContext(choice.folder, name).Endpoints?.["docker"] ?? {};
  const files = readTlsFiles(choice.folder, name);
  const { "ca.pem": ca, "cert.pem": cert, "key.pem": key } = files;
  const tls = ca || cert || SkipTLSVerify ? { ca, cert, key, verify: !SkipTLSVerify } : undefined;
  return parseEndpoint(Host || DEFAULT_HOST, tls);
}

export const defaultEndpoint = (choice: Choice, env: NodeJS.ProcessEnv): Endpoint =>
  parseEndpoint(namedHost(choice, env) ?? DEFAULT_HOST, tlsFrom(choice.tls ?? tlsOfEnvironment(choice, env)));

function tlsOfEnvironment({ folder }: Choice, env: NodeJS.ProcessEnv): TlsChoice | undefined {
  if (!env["DOCKER_TLS_VERIFY"] && !env["DOCKER_TLS"]) return undefined;
  const place = env["DOCKER_CERT_PATH"] || folder;
  return {
    ca: join(place, "ca.pem"),
    cert: join(place, "cert.pem"),
    key: join(place, "key.pem"),
    verify: Boolean(env["DOCKER_TLS_VERIFY"]),
  };
}

function tlsFrom(choice: TlsChoice | undefined): EndpointTls | undefined {
  if (choice === undefined) return undefined;
  const { verify } = choice;
  return {
    verify,
    ca: read(choice.ca, verify),
    cert: read(choice.cert, false),
    key: read(choice.key, false),
  };
}

function read(path: string, needed: boolean): Buffer | undefined {
  try {
    return readFileOrPipe(path);
  } catch (error) {
    if (!needed) return undefined;
    const why = errnoOf(error) === "ENOENT" ? `open ${path}: no such file or directory` : messageOf(error);
    throw new Error(`could not read CA certificate "${path}": ${why}`, { cause: error });
  }
}
