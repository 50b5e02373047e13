import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DEFAULT_CONTEXT } from "../connection/choose.ts";
import { metaFolder, type StoredContext, type TlsFiles, tlsFolder } from "./contexts.ts";

/** What `--docker` says of an endpoint. */
export type EndpointFields = Readonly<Record<string, string>>;

const KEYS = new Set(["from", "host", "ca", "cert", "key", "skip-tls-verify"]);

export interface StoredEndpoint {
  readonly endpoint: { readonly Host?: string; readonly SkipTLSVerify: boolean };
  readonly tls: TlsFiles;
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
    if (!KEYS.has(key))
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
