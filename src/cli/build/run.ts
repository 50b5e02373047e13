import { createWriteStream } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import type { Readable } from "node:stream";
import { buffer, text } from "node:stream/consumers";
import { pipeline } from "node:stream/promises";
import type { Client } from "../../api/client/index.ts";
import { loadCaches, saveCache } from "./caches.ts";
import { type LocalContext, openContext, requestBody } from "./context.ts";
import { type BuildFlags, optionsOf } from "./options.ts";
import { type Output, parseCachePlace, parseOutput } from "./outputs.ts";
import { readAgents, readSecrets } from "./private.ts";
import type { Terminal } from "./render.ts";
import { type ProgressKind, showBuild } from "./show.ts";
import { unpackTo } from "./unpack.ts";

export interface BuildSurroundings {
  readonly client: Client;
  readonly env: NodeJS.ProcessEnv;
  readonly stdin: Readable;
  /** Results. */
  readonly write: (text: string | Uint8Array) => void;
  readonly terminal: Terminal;
  /** `X-Registry-Config`, for pulls. */
  readonly headers: Readonly<Record<string, string>>;
  /** Sends an image to its registry. */
  readonly push: (reference: string) => Promise<void>;
}

const PROGRESS = ["auto", "plain", "tty", "rawjson", "quiet"];
const isUrl = (source: string): boolean => /^(?:https?|git|ssh):\/\/|^git@|^github\.com\//.test(source);
/** First bytes of gzip, bzip2, xz and zstd; a plain tar says "ustar" in its first header. */
const MAGICS = ["1f8b", "425a68", "fd377a585a", "28b52ffd"];

function isArchive(bytes: Uint8Array): boolean {
  const head = Buffer.from(bytes.subarray(0, 262));
  const start = head.subarray(0, 8).toString("hex");
  return MAGICS.some((magic) => start.startsWith(magic)) || head.subarray(257, 262).toString() === "ustar";
}

interface Input {
  readonly options: Readonly<Record<string, unknown>>;
  readonly context: LocalContext | Uint8Array | undefined;
}

async function readInput(source: string, file: string, stdin: Readable): Promise<Input> {
  if (source === "-" && file === "-")
    throw new Error("invalid argument: can't use stdin for both build context and dockerfile");
  if (source === "-") {
    const bytes = await buffer(stdin);
    if (isArchive(bytes)) return { options: { dockerfile: file || "Dockerfile" }, context: bytes };
    return { options: { dockerfileText: bytes.toString("utf8") }, context: undefined };
  }
  if (isUrl(source))
    return { options: { remote: source, dockerfile: file || "Dockerfile" }, context: undefined };
  const context = await openContext(
    source,
    file === "-" ? "" : file,
    file === "-" ? await text(stdin) : undefined,
  );
  const { dockerfile, dockerfileText } = context;
  return { options: { dockerfile, ...(dockerfileText === undefined ? {} : { dockerfileText }) }, context };
}

/** `wharf build`. Throws BuildFailed with the exit code, and Errors for what was asked wrongly. */
export async function runBuild(source: string, flags: BuildFlags, place: BuildSurroundings): Promise<void> {
  const { client, env, terminal, headers } = place;
  const progress = flags.quiet ? "quiet" : flags.progress;
  if (!PROGRESS.includes(progress))
    throw new Error(`invalid progress ${JSON.stringify(progress)}: ${PROGRESS.join(", ")}`);
  const outputs = [...flags.output.map(parseOutput), ...(flags.push ? [parseOutput("type=registry")] : [])];
  const cacheTo = flags["cache-to"].map((word) => parseCachePlace("cache-to", word));
  const { options, context } = await readInput(source, flags.file, place.stdin);
  const named = outputs.flatMap((output) => (output.type === "image" ? output.names : []));
  const request = {
    ...optionsOf(flags, env),
    ...options,
    tags: [...flags.tag, ...named],
    secrets: await readSecrets(flags.secret, env),
    ssh: readAgents(flags.ssh, env),
    cacheFrom: await loadCaches(
      client,
      flags["cache-from"].map((word) => parseCachePlace("cache-from", word)),
      headers,
    ),
  };
  const lines = await client.lines("WharfBuild", { body: requestBody(request, context) }, { headers });
  const { result } = await showBuild(lines, progress as ProgressKind, terminal);
  if (!result) return;
  if (flags.iidfile !== "") await writeFile(flags.iidfile, result.id);
  for (const output of outputs) await deliver(output, result, place);
  for (const cache of cacheTo) await saveCache(client, cache, result.id, place.push);
  if (flags.quiet) place.write(`${result.id}\n`);
}

/** Brings a finished image where it was wanted. */
async function deliver(
  output: Output,
  { id, tags }: { readonly id: string; readonly tags: readonly string[] },
  { client, write, push }: BuildSurroundings,
): Promise<void> {
  if (output.type === "image") {
    if (output.push && tags.length === 0) throw new Error("an image needs a tag to be pushed");
    if (output.push) for (const tag of tags) await push(tag);
    return;
  }
  if (output.type === "local") {
    await mkdir(output.dest, { recursive: true });
    return unpackTo(output.dest, await client.stream("WharfImageFiles", { name: id }));
  }
  const source =
    output.type === "tar"
      ? await client.stream("WharfImageFiles", { name: id })
      : await client.stream("ImageGetAll", { names: tags.length > 0 ? tags : [id] });
  if (output.dest !== "-") return pipeline(source, createWriteStream(output.dest));
  for await (const chunk of source) write(chunk as Uint8Array);
}
