import { createWriteStream } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { PassThrough } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { Client } from "../../api/client/index.ts";
import type { BuildFailure, OwnBuildLine } from "../../api/schema/own/build.ts";
import { loadCaches, saveCache } from "./caches.ts";
import { type BuildContext, openContext } from "./context.ts";
import type { Ask } from "./described.ts";
import { type BuildFlags, optionsOf } from "./options.ts";
import { type Output, parseCachePlace, parseOutput } from "./outputs.ts";
import { readAgents, readSecrets } from "./private.ts";
import type { Terminal } from "./render.ts";
import { BuildFailed, type ProgressKind, showBuild } from "./show.ts";
import { unpackTo } from "./unpack.ts";

export interface BuildSurroundings {
  readonly client: Client;
  readonly env: NodeJS.ProcessEnv;
  /** Results. */
  readonly write: (text: string | Uint8Array) => void;
  readonly terminal: Terminal;
  /** `X-Registry-Config`, for pulls. */
  readonly headers: Readonly<Record<string, string>>;
  /** Where checksums of contexts' files are remembered. */
  readonly cacheFolder: string;
  /** Headers with the password of an image's registry. */
  readonly authFor: (reference: string) => Promise<Readonly<Record<string, string>>>;
  /** Sends an image to its registry. */
  readonly push: (reference: string) => Promise<void>;
}

/** Lines of a manifest sent at once. */
const LINES = 1024;
/** Questions that may wait for their answer: the engine asks one after the other. */
const ASKS = 64;
const PROGRESS = ["auto", "plain", "tty", "rawjson", "quiet"];

/** The body of a build request: a line with the options, then the context, or what the engine asks for of it. */
async function* requestBody(
  options: object,
  { body, described }: BuildContext,
  asks: AsyncIterable<Ask>,
): AsyncGenerator<Uint8Array> {
  const { id, name, lines = [] } = described ?? {};
  const context = described ? { context: { id, name, entries: lines.length } } : {};
  yield Buffer.from(`${JSON.stringify({ ...options, ...context })}\n`);
  for (let at = 0; at < lines.length; at += LINES)
    yield Buffer.from(`${lines.slice(at, at + LINES).join("\n")}\n`);
  if (described) for await (const ask of asks) yield* described.answer(ask);
  else if (body) yield* body;
}

/** Sends a build and gives what the engine says; its questions about the context are answered on the way. */
async function* sendBuild(
  { client, headers }: BuildSurroundings,
  options: object,
  context: BuildContext,
): AsyncGenerator<Exclude<OwnBuildLine, Ask> | BuildFailure> {
  const asks = new PassThrough({ objectMode: true, highWaterMark: ASKS });
  try {
    const body = requestBody(options, context, asks as AsyncIterable<Ask>);
    for await (const line of await client.lines("WharfBuild", { body }, { headers })) {
      if ("type" in line && line.type === "ask") asks.write(line);
      else yield line;
    }
    await context.described?.save();
  } finally {
    asks.end();
  }
}

/** `wharf build`. Throws BuildFailed with the exit code, and Errors for what was asked wrongly. */
export async function runBuild(source: string, flags: BuildFlags, place: BuildSurroundings): Promise<void> {
  const { client, env, terminal } = place;
  const progress = flags.quiet ? "quiet" : flags.progress;
  if (!PROGRESS.includes(progress))
    throw new Error(`invalid progress ${JSON.stringify(progress)}: ${PROGRESS.join(", ")}`);
  const outputs = [...flags.output.map(parseOutput), ...(flags.push ? [parseOutput("type=registry")] : [])];
  const cacheTo = flags["cache-to"].map((word) => parseCachePlace("cache-to", word));
  const context = await openContext(source, flags.file, place.cacheFolder);
  const { dockerfile, remote } = context;
  const named = outputs.flatMap((output) => (output.type === "image" ? output.names : []));
  const request = {
    ...optionsOf(flags, env),
    ...(dockerfile ? { dockerfile } : {}),
    ...(remote ? { remote } : {}),
    tags: [...flags.tag, ...named],
    secrets: await readSecrets(flags.secret, env),
    ssh: readAgents(flags.ssh, env),
    cacheFrom: await loadCaches(
      { client, authFor: place.authFor, warn: (text) => terminal.write(`${text}\n`) },
      flags["cache-from"].map((word) => parseCachePlace("cache-from", word)),
    ),
  };
  const lines = sendBuild(place, request, context);
  const { result, lint } = await showBuild(lines, progress as ProgressKind, terminal);
  if (flags.check) return checked(lint.length, place);
  if (!result) return;
  if (flags.iidfile !== "") await writeFile(flags.iidfile, result.id);
  for (const output of outputs) await deliver(output, result, place);
  for (const cache of cacheTo) await saveCache(client, cache, result, place.push);
  if (flags.quiet) place.write(`${result.id}\n`);
}

/** What comes of `--check`: a failure where there is something to mend. */
function checked(warnings: number, { terminal }: BuildSurroundings): void {
  const found = warnings === 0 ? "no warnings" : `${warnings} warning${warnings === 1 ? "" : "s"}`;
  if (warnings > 0) throw new BuildFailed(`check complete, ${found} found`, 1);
  terminal.write(`Check complete, ${found} found.\n`);
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
