import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DEFAULT_CONTEXT, defaultEndpoint } from "../connection/choose.ts";
import { formatEndpoint } from "../connection/endpoint.ts";
import type { Context } from "../context.ts";
import { type Flag, offer } from "../flags/flag.ts";
import { pairs } from "../flags/special.ts";
import {
  metaFolder,
  readContext,
  readTlsFiles,
  type StoredContext,
  type TlsFiles,
  tlsFolder,
} from "./contexts.ts";

/** What `--docker` says of an endpoint. */
export type EndpointFields = Readonly<Record<string, string>>;

const KEYS = {
  from: "Copy named context's Docker endpoint configuration",
  host: "Docker endpoint on which to connect",
  ca: "Trust certs signed only by this CA",
  cert: "Path to TLS certificate file",
  key: "Path to TLS key file",
  "skip-tls-verify": "Skip TLS certificate validation",
} as const;

/** `--docker`, and what help says of its keys. */
export const endpointFlag = (): Flag<EndpointFields> =>
  offer(
    {
      pairs: {
        from: "context",
        host: "word",
        ca: "file",
        cert: "file",
        key: "file",
        "skip-tls-verify": ["true", "false"],
      },
    },
    pairs("", "set the docker endpoint"),
  );
export const aboutEndpoints = (summary: string, verb: string): string => `${summary}

Docker endpoint config:

${Object.entries({ NAME: "DESCRIPTION", ...KEYS })
  .map(([key, text]) => `${key.padEnd(KEY_WIDTH)}${text}`)
  .join("\n")}

Example:

$ wharf context ${verb} my-context --description "some description" --docker "host=tcp://myserver:2376,ca=~/ca-file,cert=~/cert-file,key=~/key-file"`;
const KEY_WIDTH = 20;

export interface StoredEndpoint {
  readonly endpoint: { readonly Host?: string; readonly SkipTLSVerify: boolean };
  readonly tls: TlsFiles;
}

/** The endpoint of another context, with its certificates and what it is described by. */
export function endpointFrom(
  { chosen, env }: Pick<Context, "chosen" | "env">,
  source: string,
): StoredEndpoint & { readonly Description: string } {
  if (source === DEFAULT_CONTEXT)
    return {
      endpoint: { Host: formatEndpoint(defaultEndpoint(chosen, env)), SkipTLSVerify: false },
      tls: {},
      Description: "",
    };
  const { Metadata, Endpoints } = readContext(chosen.folder, source);
  const { Host = "", SkipTLSVerify = false } = Endpoints?.["docker"] ?? {};
  const Description = Metadata?.Description ?? "";
  return { endpoint: { Host, SkipTLSVerify }, tls: readTlsFiles(chosen.folder, source), Description };
}

export function checkName(name: string): void {
  if (name === DEFAULT_CONTEXT) throw new Error(`"${name}" is a reserved context name`);
  if (!/^[a-zA-Z0-9][a-zA-Z0-9_.+-]+$/.test(name))
    throw new Error(
      `context name ${JSON.stringify(name)} is invalid, names are validated against regexp "^[a-zA-Z0-9][a-zA-Z0-9_.+-]+$"`,
    );
}

export const contextExists = (folder: string, name: string): boolean =>
  existsSync(join(metaFolder(folder, name), "meta.json"));

export function readEndpoint(fields: EndpointFields): StoredEndpoint {
  for (const key of Object.keys(fields))
    if (!Object.hasOwn(KEYS, key))
      throw new Error(`unable to create docker endpoint config: unrecognized config key: ${key}`);
  const skip = fields["skip-tls-verify"] ?? "false";
  const files = ["ca", "cert", "key"].flatMap((name) => {
    const path = fields[name];
    return path ? [[`${name}.pem`, readFileSync(path)] as const] : [];
  });
  return {
    endpoint: {
      ...(fields["host"] ? { Host: fields["host"] } : {}),
      SkipTLSVerify: /^(1|t|true)$/i.test(skip),
    },
    tls: Object.fromEntries(files),
  };
}

/** Keeps a context as docker does; its name decides where. */
export function writeContext(folder: string, context: StoredContext, tls: TlsFiles): void {
  const meta = metaFolder(folder, context.Name);
  mkdirSync(meta, { recursive: true, mode: 0o755 });
  writeFileSync(join(meta, "meta.json"), JSON.stringify(context), { mode: 0o644 });
  const place = tlsFolder(folder, context.Name);
  rmSync(place, { recursive: true, force: true });
  if (Object.keys(tls).length === 0) return;
  mkdirSync(join(place, "docker"), { recursive: true, mode: 0o700 });
  for (const [name, content] of Object.entries(tls))
    writeFileSync(join(place, "docker", name), content, { mode: 0o600 });
}

export function removeContext(folder: string, name: string): void {
  rmSync(metaFolder(folder, name), { recursive: true, force: true });
  rmSync(tlsFolder(folder, name), { recursive: true, force: true });
}
