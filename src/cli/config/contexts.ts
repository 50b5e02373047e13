import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** A context as docker keeps it: a name, and where its engine is. */
export interface StoredContext {
  readonly Name: string;
  readonly Metadata?: { readonly Description?: string } & Readonly<Record<string, unknown>>;
  readonly Endpoints?: Readonly<Record<string, { readonly Host?: string; readonly SkipTLSVerify?: boolean }>>;
}

/** PEM files by name (ca.pem, cert.pem, key.pem). */
export type TlsFiles = Readonly<Record<string, Buffer>>;

/** Loaded when a context is used: most commands use none. */
const idOf = (name: string): string =>
  process.getBuiltinModule("node:crypto").createHash("sha256").update(name).digest("hex");

export const metaFolder = (folder: string, name: string): string => join(folder, "contexts/meta", idOf(name));
export const tlsFolder = (folder: string, name: string): string => join(folder, "contexts/tls", idOf(name));

const metaPath = (folder: string, name: string): string => join(metaFolder(folder, name), "meta.json");

/** Throws with docker's words when there is none of that name. */
export function readContext(folder: string, name: string): StoredContext {
  const path = metaPath(folder, name);
  try {
    return JSON.parse(readFileSync(path, "utf8")) as StoredContext;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT")
      throw new Error(`context ${JSON.stringify(name)}: ${path} cannot be read`, { cause: error });
    throw new Error(
      `context ${JSON.stringify(name)}: context not found: open ${path}: no such file or directory`,
      { cause: error },
    );
  }
}

export function listContexts(folder: string): readonly StoredContext[] {
  let entries: string[];
  try {
    entries = readdirSync(join(folder, "contexts/meta"));
  } catch {
    return [];
  }
  const contexts = entries.flatMap((entry) => {
    try {
      const path = join(folder, "contexts/meta", entry, "meta.json");
      return [JSON.parse(readFileSync(path, "utf8")) as StoredContext];
    } catch {
      return [];
    }
  });
  return contexts.sort((a, b) => (a.Name < b.Name ? -1 : 1));
}

export function readTlsFiles(folder: string, name: string): TlsFiles {
  const place = join(tlsFolder(folder, name), "docker");
  try {
    return Object.fromEntries(readdirSync(place).map((file) => [file, readFileSync(join(place, file))]));
  } catch {
    return {};
  }
}
