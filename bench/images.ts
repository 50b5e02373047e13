/**
 * Images, paired with a real Docker engine and podman where they are: `npm run bench:images [-- --rounds=3]`.
 * Pull and unpack of a large image from Debian's docker-registry, save, load, and listing many images.
 */
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { gunzipSync } from "node:zlib";
import { execute } from "../test/support/docker-cli.ts";
import { noRegistry } from "../test/support/docker-registry.ts";
import { type EngineUnderTest, startEngine } from "../test/support/wharfd.ts";
import { archiveOf, type BenchLayer, makeLayer } from "./image-content.ts";
import { findReference, startReference } from "./reference.ts";
import { drawTable, passes, type Row } from "./report.ts";
import { median } from "./statistics.ts";

const { values } = parseArgs({
  options: {
    rounds: { type: "string", default: "3" },
    megabytes: { type: "string", default: "500" },
    files: { type: "string", default: "50000" },
  },
});
const [rounds, megabytes, files] = [values.rounds, values.megabytes, values.files].map(Number) as [
  number,
  number,
  number,
];
const LAYERS = 6;
const PORT = 5999;
const NAME = `127.0.0.1:${PORT}/big:1`;

/** One engine under comparison: its environment, and the network namespace it lives in. */
interface Side {
  readonly env: Readonly<Record<string, string>>;
  readonly netns: string;
}

/** The same registry content, served in another network namespace. */
async function serveIn(netns: string, folder: string): Promise<() => void> {
  const file = join(folder, `${netns}.json`);
  const storage = { filesystem: { rootdirectory: join(folder, "data") } };
  const http = { addr: `127.0.0.1:${PORT}` };
  writeFileSync(file, JSON.stringify({ version: 0.1, storage, http, log: { level: "error" } }));
  const child = spawn("nsenter", [`--net=/run/netns/${netns}`, "docker-registry", "serve", file], {
    stdio: "ignore",
  });
  for (let tries = 0; tries < 100; tries++) {
    const { code } = await execute("nsenter", [
      `--net=/run/netns/${netns}`,
      "bash",
      "-c",
      `</dev/tcp/127.0.0.1/${PORT}`,
    ]);
    if (code === 0) return () => child.kill("SIGKILL");
    await sleep(50);
  }
  throw new Error("docker-registry does not answer");
}

async function timed(side: Side, ...args: string[]): Promise<number> {
  const started = performance.now();
  const { code, stderr } = await execute("docker", args, { env: side.env, timeout: 600_000 });
  if (code !== 0) throw new Error(`docker ${args[0]} failed (${code}): ${stderr}`);
  return performance.now() - started;
}

/** Runs what `measure` does for both sides in turn; seconds. */
async function paired(
  name: string,
  ours: Side,
  theirs: Side | undefined,
  measure: (side: Side) => Promise<number>,
  count = rounds,
): Promise<Row> {
  const [one, other]: [number[], number[]] = [[], []];
  for (let round = 0; round < count; round++) {
    one.push(await measure(ours));
    if (theirs) other.push(await measure(theirs));
  }
  const compared = theirs ? { reference: median(other) } : {};
  return { name, unit: "ms", ours: median(one), ...compared, ratioLimit: 1 };
}

/** Until the engine has deleted in the background what was removed: the reference does it before it answers. */
async function removed(engine: EngineUnderTest): Promise<void> {
  while (readdirSync(join(engine.dataRoot, "removing")).length > 0) await sleep(50);
}

const peakMegabytes = (pid: number): number =>
  Number(/^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]) / 1024;

/** What one thread can do at most: MB/s of plain bytes. */
function limits(layer: BenchLayer, folder: string): string {
  const rate = (bytes: number, body: () => unknown): string => {
    const started = performance.now();
    body();
    return (bytes / 1e3 / (performance.now() - started)).toFixed(0);
  };
  const plain = gunzipSync(layer.blob);
  const gunzip = rate(plain.length, () => gunzipSync(layer.blob));
  const hash = rate(plain.length, () => createHash("sha256").update(plain).digest());
  const disk = rate(plain.length, () => writeFileSync(join(folder, "disk"), plain, { flush: true }));
  return `limits of one thread, MB/s of unpacked bytes: gunzip ${gunzip}, sha256 ${hash}, disk with sync ${disk}`;
}

/** A docker-save archive of images that share a layer and differ in their configuration. */
function manyArchive(count: number): Buffer {
  const { blob, diffId } = makeLayer(99, 1, 1000);
  const env = Array.from(
    { length: 20 },
    (_, index) => `VARIABLE_${index}=a value of some length, as images have`,
  );
  const images = Array.from({ length: count }, (_, index) => {
    const created = new Date(1_700_000_000_000 + index * 1000).toISOString();
    const config = { Env: env, Cmd: ["sh"], Labels: { index: String(index) } };
    const document = {
      architecture: "amd64",
      os: "linux",
      created,
      config,
      rootfs: { type: "layers", diff_ids: [diffId] },
    };
    return { name: `${index}.json`, content: Buffer.from(JSON.stringify(document)), tag: `many:${index}` };
  });
  const manifest = images.map(({ name, tag }) => ({ Config: name, RepoTags: [tag], Layers: ["layer.tar"] }));
  const members = [
    { name: "layer.tar", content: blob },
    ...images,
    { name: "manifest.json", content: Buffer.from(JSON.stringify(manifest)) },
  ];
  return archiveOf(members);
}

async function removeMany({ env }: Side): Promise<void> {
  const names = Array.from({ length: 1000 }, (_, index) => `many:${index}`);
  await execute("docker", ["rmi", "-f", ...names, NAME], { env, timeout: 300_000 });
}

async function main(): Promise<void> {
  if (noRegistry) return console.log(noRegistry);
  const folder = mkdtempSync(join(tmpdir(), "wharf-bench-"));
  await using stack = new AsyncDisposableStack();
  stack.defer(() => rmSync(folder, { recursive: true, force: true }));
  const engine = await startEngine({ direct: true });
  stack.use(engine);
  mkdirSync(join(engine.dataRoot, "removing"), { recursive: true });
  const found = findReference();
  const reference = "missing" in found ? undefined : await startReference(found.command);
  if (reference) stack.use(reference);
  const ours: Side = { env: engine.clientEnv, netns: engine.name };
  const theirs: Side | undefined = reference && { env: reference.env, netns: "reference" };
  const layers = Array.from({ length: LAYERS }, (_, index) =>
    makeLayer(index, Math.ceil(files / LAYERS), Math.floor((megabytes * 1e6) / LAYERS)),
  );
  stack.defer(await serveIn(ours.netns, folder));
  if (theirs) stack.defer(await serveIn(theirs.netns, folder));
  // Pushed from inside: the registry is nowhere else.
  const seeder = join(folder, "seed");
  await mkdir(seeder);
  for (const [index, { blob }] of layers.entries()) await writeFile(join(seeder, String(index)), blob);
  await writeFile(join(seeder, "ids"), JSON.stringify(layers.map(({ diffId }) => diffId)));
  const script = join(import.meta.dirname, "push-image.ts");
  const { code, stdout, stderr } = await execute(
    "nsenter",
    [`--net=/run/netns/${ours.netns}`, process.execPath, script, `127.0.0.1:${PORT}`, "big", seeder],
    { timeout: 600_000 },
  );
  if (code !== 0) throw new Error(stderr);
  console.log(
    `image: ${megabytes} MB, ${files} files, ${LAYERS} gzip layers, ${(Number(stdout) / 1e6).toFixed(0)} MB compressed`,
  );
  console.log(limits(layers[0] as BenchLayer, folder));

  const pull = async (side: Side) => {
    await execute("docker", ["rmi", "-f", NAME], { env: side.env, timeout: 120_000 });
    await removed(engine);
    await execute("sync", []);
    return timed(side, "pull", "-q", NAME);
  };
  const archive = (side: Side) => join(folder, `${side.netns}.tar`);
  const rows: Row[] = [];
  rows.push(await paired("pull and unpack", ours, theirs, pull));
  rows.push({ name: "engine's peak memory so far", unit: "MB", ours: peakMegabytes(engine.pid), limit: 250 });
  rows.push(await paired("save", ours, theirs, (side) => timed(side, "save", "-o", archive(side), NAME)));
  rows.push(
    await paired("load", ours, theirs, async (side) => {
      await execute("docker", ["rmi", "-f", NAME], { env: side.env, timeout: 120_000 });
      await removed(engine);
      return timed(side, "load", "-qi", archive(side));
    }),
  );
  const many = join(folder, "many.tar");
  await writeFile(many, manyArchive(1000));
  for (const side of [ours, theirs]) if (side) await timed(side, "load", "-qi", many);
  const list = await paired(
    "docker images, 1,000 images",
    ours,
    theirs,
    (side) => timed(side, "images", "-q"),
    10,
  );
  rows.push(list, await paired("docker version", ours, theirs, (side) => timed(side, "version"), 10));
  rows.push({
    name: "engine's peak memory in the end",
    unit: "MB",
    ours: peakMegabytes(engine.pid),
    limit: 250,
  });
  const pullRow = rows[0];
  if (pullRow) console.log(`pull: ${((megabytes * 1e3) / pullRow.ours).toFixed(0)} MB/s of unpacked bytes`);
  console.log(drawTable(rows));
  const results = join(import.meta.dirname, "results");
  await mkdir(results, { recursive: true });
  const time = new Date().toISOString();
  const report = {
    time,
    reference: reference?.version,
    rounds,
    megabytes,
    files,
    rows: rows.map((row) => ({ ...row, pass: passes(row) })),
  };
  await writeFile(
    join(results, `images-${time.slice(0, 19).replaceAll(":", "")}.json`),
    `${JSON.stringify(report, undefined, 2)}\n`,
  );
  if (theirs) await removeMany(theirs);
}

await main();
