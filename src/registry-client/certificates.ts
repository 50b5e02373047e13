import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { errnoOf, invalidParameter } from "../base/errors.ts";
import { loadRegularFile } from "../base/regular-file.ts";

/** What TLS needs for one registry, as node:tls takes it. */
export interface Certificates {
  readonly ca: readonly string[];
  readonly cert: string | undefined;
  readonly key: string | undefined;
}

/**
 * Reads `<folder>/<host:port>/`: `*.crt` are authorities, `X.cert` with `X.key` is the client's certificate. The first
 * folder that exists counts. Throws invalidParameter when half of a pair is missing.
 */
export async function readCertificates(folders: readonly string[], host: string): Promise<Certificates> {
  for (const folder of folders) {
    const path = join(folder, host);
    const names = await namesIn(path);
    if (names) return readFolder(path, names);
  }
  return { ca: [], cert: undefined, key: undefined };
}

async function namesIn(path: string): Promise<readonly string[] | undefined> {
  try {
    return (await readdir(path)).sort();
  } catch (error) {
    if (errnoOf(error) === "ENOENT" || errnoOf(error) === "ENOTDIR") return undefined;
    throw error;
  }
}

async function readFolder(path: string, names: readonly string[]): Promise<Certificates> {
  const read = async (name: string) => (await loadRegularFile(join(path, name))).toString();
  const [pair] = names.filter((name) => name.endsWith(".cert"));
  const keyOf = (name: string) => name.replace(/\.cert$/, ".key");
  for (const name of names) {
    if (name.endsWith(".cert") && !names.includes(keyOf(name))) {
      throw invalidParameter(
        `missing key ${keyOf(name)} for client certificate ${name} in ${path}. CA certificates must use the extension .crt`,
      );
    }
    if (name.endsWith(".key") && !names.includes(name.replace(/\.key$/, ".cert")))
      throw invalidParameter(`missing client certificate ${name.replace(/\.key$/, ".cert")} for key ${name}`);
  }
  return {
    ca: await Promise.all(names.filter((name) => name.endsWith(".crt")).map(read)),
    cert: pair === undefined ? undefined : await read(pair),
    key: pair === undefined ? undefined : await read(keyOf(pair)),
  };
}
