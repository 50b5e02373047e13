import { buffer } from "node:stream/consumers";
import { extract, pack } from "tar-stream";
import type { StoredContext, TlsFiles } from "./contexts.ts";

const META = "meta.json";
const TLS = "tls/docker/";
const MAX_BYTES = 10 * 1024 * 1024;

/** A context as `docker context export` writes it: a tar of its description and certificates. */
export async function packContext(context: StoredContext, tls: TlsFiles): Promise<Buffer> {
  const archive = pack();
  archive.entry({ name: META, mode: 0o644 }, JSON.stringify(context));
  archive.entry({ name: "tls", type: "directory", mode: 0o700 });
  if (Object.keys(tls).length > 0) archive.entry({ name: "tls/docker", type: "directory", mode: 0o700 });
  for (const [name, content] of Object.entries(tls))
    archive.entry({ name: `${TLS}${name}`, mode: 0o600 }, content);
  archive.finalize();
  return buffer(archive as unknown as AsyncIterable<Uint8Array>);
}

/** Takes one apart. Anything in it that does not belong there is refused. */
export async function unpackContext(
  bytes: Buffer,
): Promise<{ readonly context: StoredContext; readonly tls: TlsFiles }> {
  if (bytes.length > MAX_BYTES) throw new Error("read exceeds the defined limit");
  const reader = extract();
  reader.end(bytes);
  let context: StoredContext | undefined;
  const tls: Record<string, Buffer> = {};
  for await (const entry of reader) {
    const { name, type } = entry.header;
    const content = await buffer(entry as unknown as AsyncIterable<Uint8Array>);
    if (type === "directory") continue;
    const file = name.startsWith(TLS) ? name.slice(TLS.length) : "";
    if (name === META) context = JSON.parse(content.toString()) as StoredContext;
    else if (/^[\w.-]+$/.test(file) && !file.startsWith(".")) tls[file] = content;
    else throw new Error(`${name}: unexpected context file`);
  }
  if (context === undefined) throw new Error("invalid context: no metadata found");
  return { context, tls };
}
