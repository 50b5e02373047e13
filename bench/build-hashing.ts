import { createHash } from "node:crypto";
import { closeSync, createReadStream, fsyncSync, mkdirSync, openSync, rmSync, writeSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import { checksumOf, receiveTar } from "../src/build/context/index.ts";
import { output } from "../test/support/docker-cli.ts";
import { median } from "./statistics.ts";

/** Bytes of a chunk, as a socket hands them over. */
const CHUNK = 64 * 1024;

/** What one thread of this machine does with a context, and what its parts could do at best. Megabytes a second. */
export interface HashingSpeeds {
  readonly megabytes: number;
  /** SHA-256 of the same bytes as one. */
  readonly sha256: number;
  /** Writing the same bytes to one file. */
  readonly write: number;
  readonly writeAndSync: number;
  /** Writing them as the files they are (tar -x), with a sync: what this disk can do with this context. */
  readonly unpackAndSync: number;
  /** What the engine does while a context arrives: parse, sum up every file, keep the contents. */
  readonly receive: number;
  /** The same with the checksum that a `COPY .` is found by in the cache. */
  readonly receiveAndLookUp: number;
}

interface Times {
  readonly hash: number;
  readonly write: number;
  readonly sync: number;
  readonly unpack: number;
  readonly receive: number;
  readonly sum: number;
}

/** Medians of so many rounds, each of which does every part once. `scratch` is a folder for the bytes. */
export async function measureHashing(
  folder: string,
  scratch: string,
  rounds: number,
): Promise<HashingSpeeds> {
  const archive = join(scratch, "context.tar");
  await output("tar", ["-C", folder, "-cf", archive, "."], { timeout: 300_000 });
  const chunks: Buffer[] = [];
  for await (const chunk of createReadStream(archive, { highWaterMark: CHUNK })) chunks.push(chunk as Buffer);
  const megabytes = chunks.reduce((sum, { length }) => sum + length, 0) / 1e6;
  const times: Times[] = [];
  for (let round = 0; round < rounds; round++) times.push(await timesOf(chunks, archive, scratch));
  rmSync(archive);
  const rate = (of: (time: Times) => number) => megabytes / (median(times.map(of)) / 1000);
  return {
    megabytes,
    sha256: rate(({ hash }) => hash),
    write: rate(({ write }) => write),
    writeAndSync: rate(({ write, sync }) => write + sync),
    unpackAndSync: rate(({ unpack }) => unpack),
    receive: rate(({ receive }) => receive),
    receiveAndLookUp: rate(({ receive, sum }) => receive + sum),
  };
}

async function timesOf(chunks: readonly Buffer[], archive: string, scratch: string): Promise<Times> {
  const clock = stopwatch();
  const sum = createHash("sha256");
  for (const chunk of chunks) sum.update(chunk);
  sum.digest();
  const hash = clock();
  const [write, sync] = writeTimes(chunks, join(scratch, "bytes"));
  const unpack = await unpackTime(archive, join(scratch, "unpacked"));
  const folder = join(scratch, "received");
  clock();
  const { signal } = new AbortController();
  const tree = await receiveTar(arriving(chunks), folder, { signal, mayEndEarly: true });
  const receive = clock();
  await checksumOf(tree, "", { owners: false, skips: () => false });
  const lookUp = clock();
  rmSync(folder, { recursive: true, force: true });
  return { hash, write, sync, unpack, receive, sum: lookUp };
}

/** Milliseconds since it was last asked. */
function stopwatch(): () => number {
  let last = performance.now();
  return () => {
    const before = last;
    last = performance.now();
    return last - before;
  };
}

async function* arriving(chunks: readonly Buffer[]): AsyncGenerator<Buffer> {
  yield* chunks;
}

function writeTimes(chunks: readonly Buffer[], path: string): readonly [write: number, sync: number] {
  const file = openSync(path, "wx");
  try {
    const clock = stopwatch();
    for (const chunk of chunks) writeSync(file, chunk);
    const write = clock();
    fsyncSync(file);
    return [write, clock()];
  } finally {
    closeSync(file);
    rmSync(path);
  }
}

async function unpackTime(archive: string, folder: string): Promise<number> {
  mkdirSync(folder);
  const clock = stopwatch();
  await output("tar", ["-C", folder, "-xf", archive], { timeout: 300_000 });
  await output("sync", ["-f", folder], { timeout: 300_000 });
  const time = clock();
  rmSync(folder, { recursive: true });
  return time;
}

/** In some sentences, and whether the engine keeps up with the disk. */
export function tellHashing(speeds: HashingSpeeds): string {
  const { megabytes, sha256, write, writeAndSync, unpackAndSync, receive, receiveAndLookUp } = speeds;
  const rate = (value: number) => `${value.toFixed(0)} MB/s`;
  const verdict = receiveAndLookUp >= unpackAndSync ? "pass" : "FAIL";
  return [
    `a context of ${megabytes.toFixed(0)} MB without the docker command:`,
    `  received, every file summed up and kept: ${rate(receive)}; looked up in the cache as well: ${rate(receiveAndLookUp)}`,
    `  one thread's SHA-256 of those bytes: ${rate(sha256)}; written to one file: ${rate(write)}, with a sync: ${rate(writeAndSync)}`,
    `  written as the files they are (tar -x), with a sync: ${rate(unpackAndSync)}`,
    `  at least as fast as the disk takes these files: ${verdict}`,
  ].join("\n");
}

/** A server for the docker command that reads contexts and builds nothing: what is left is the command's own time. */
export async function serveNoBuilds(path: string) {
  const server = createServer((request, response) => {
    request.resume();
    request.once("end", () => {
      response.writeHead(200, { "Api-Version": "1.50", "Builder-Version": "1" });
      const isBuild = request.url?.includes("/build");
      response.end(isBuild ? `${JSON.stringify({ stream: "built\n" })}\n` : "OK");
    });
  });
  await new Promise<void>((resolve) => server.listen(path, resolve));
  return { host: `unix://${path}`, close: () => server.close() };
}
