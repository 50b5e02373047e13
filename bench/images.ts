/**
 * Images, paired with a real Docker engine and podman where they are: `npm run bench:images [-- --rounds=3]`.
 * Pull and unpack of a large image from Debian's docker-registry, save, load, and listing many images.
 */
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
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

/** One engine under comparison. */
interface Side {
  readonly name: string;
  /** The command that takes docker's arguments. */
  readonly command: readonly [string, ...string[]];
  readonly env?: Readonly<Record<string, string>>;
  /** Seconds of processor time the engine has used so far; absent: not told. */
  readonly cpu?: () => number;
}

/** What one thing took: milliseconds by the clock, and of the engine's processors. */
interface Cost {
  readonly ms: number;
  readonly cpuMs?: number | undefined;
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

const runOn = ({ command: [program, ...first], env }: Side, args: readonly string[]) =>
  execute(program, [...first, ...args], { env: env ?? {}, timeout: 600_000 });

async function timed(side: Side, ...args: string[]): Promise<Cost> {
  const [started, used] = [performance.now(), side.cpu?.()];
  const { code, stderr } = await runOn(side, args);
  const ms = performance.now() - started;
  if (code !== 0) throw new Error(`${side.name} ${args[0]} failed (${code}): ${stderr}`);
  return { ms, cpuMs: used === undefined || !side.cpu ? undefined : (side.cpu() - used) * 1000 };
}

/** Runs what `measure` does for all sides in turn, each first as often as the others. Ours is the first of them. */
async function compared(
  name: string,
  sides: readonly Side[],
  measure: (side: Side) => Promise<Cost>,
  count = rounds,
): Promise<Row[]> {
  const costs = new Map<Side, Cost[]>(sides.map((side) => [side, []]));
  for (let round = 0; round < count; round++) {
    const order = sides.map((_, index) => sides[(index + round) % sides.length] as Side);
    for (const side of order) costs.get(side)?.push(await measure(side));
  }
  const [ours, ...others] = sides.map((side) => {
    const taken = costs.get(side) ?? [];
    const cpu = taken.flatMap(({ cpuMs }) => (cpuMs === undefined ? [] : [cpuMs]));
    return {
      name: side.name,
      ms: median(taken.map(({ ms }) => ms)),
      cpu: cpu.length > 0 ? median(cpu) : undefined,
    };
  });
  if (!ours) return [];
  if (others.length === 0) return [{ name, unit: "ms", ours: ours.ms }];
  return others.flatMap((other): Row[] => {
    const time = { name: `${name}, ${other.name}`, unit: "ms", ours: ours.ms, reference: other.ms } as const;
    if (ours.cpu === undefined || other.cpu === undefined) return [{ ...time, ratioLimit: 1 }];
    const cpu = { unit: "ms", ours: ours.cpu, reference: other.cpu } as const;
    return [
      { ...time, ratioLimit: 1 },
      { ...cpu, name: "... processor time of the engine" },
    ];
  });
}

/** Until the engine has deleted in the background what was removed: the reference does it before it answers. */
async function removed(engine: EngineUnderTest): Promise<void> {
  while (readdirSync(join(engine.dataRoot, "removing")).length > 0) await sleep(50);
}

const peakMegabytes = (pid: number): number =>
  Number(/^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]) / 1024;

/** Clock ticks a second, as /proc counts them (USER_HZ). */
const TICKS = 100;

/** Seconds that processes and the children they have waited for were on a processor. */
function processorTime(pids: readonly number[]): number {
  let ticks = 0;
  for (const pid of pids) {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    ticks += fields.slice(11, 15).reduce((sum, field) => sum + Number(field), 0);
  }
  return ticks / TICKS;
}

/** podman, where it is installed, on a storage of its own, in the network namespace with the registry. */
function findPodman(netns: string, folder: string): Side | undefined {
  const places = (process.env["PATH"] ?? "").split(":");
  if (!places.some((place) => existsSync(join(place, "podman")))) return undefined;
  const place = [`--root=${join(folder, "podman")}`, `--runroot=${join(folder, "podman-run")}`];
  const command = ["nsenter", `--net=/run/netns/${netns}`, "podman", ...place, "--storage-driver=overlay"];
  return { name: "podman", command: command as [string, ...string[]] };
}

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

async function removeMany(side: Side): Promise<void> {
  const names = Array.from({ length: 1000 }, (_, index) => `many:${index}`);
  await runOn(side, ["rmi", "-f", ...names, NAME]);
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
  const ours: Side = {
    name: "Wharf",
    command: ["docker"],
    env: engine.clientEnv,
    cpu: () => processorTime([engine.pid]),
  };
  const theirs: Side | undefined = reference && {
    name: "Docker",
    command: ["docker"],
    env: reference.env,
    cpu: () => processorTime(reference.pids()),
  };
  const podman = findPodman(engine.name, folder);
  const sides = [ours, ...(theirs ? [theirs] : [])];
  const all = [...sides, ...(podman ? [podman] : [])];
  if (podman)
    stack.defer(async () => {
      await runOn(podman, ["rmi", "--all", "--force"]);
      await execute("umount", [join(folder, "podman/overlay")]); // it mounts its folder onto itself
    });
  const layers = Array.from({ length: LAYERS }, (_, index) =>
    makeLayer(index, Math.ceil(files / LAYERS), Math.floor((megabytes * 1e6) / LAYERS)),
  );
  stack.defer(await serveIn(engine.name, folder));
  if (theirs) stack.defer(await serveIn("reference", folder));
  // Pushed from inside: the registry is nowhere else.
  const seeder = join(folder, "seed");
  await mkdir(seeder);
  for (const [index, { blob }] of layers.entries()) await writeFile(join(seeder, String(index)), blob);
  await writeFile(join(seeder, "ids"), JSON.stringify(layers.map(({ diffId }) => diffId)));
  const script = join(import.meta.dirname, "push-image.ts");
  const { code, stdout, stderr } = await execute(
    "nsenter",
    [`--net=/run/netns/${engine.name}`, process.execPath, script, `127.0.0.1:${PORT}`, "big", seeder],
    { timeout: 600_000 },
  );
  if (code !== 0) throw new Error(stderr);
  console.log(
    `image: ${megabytes} MB, ${files} files, ${LAYERS} gzip layers, ${(Number(stdout) / 1e6).toFixed(0)} MB compressed`,
  );
  console.log(limits(layers[0] as BenchLayer, folder));

  const withoutImage = async (side: Side) => {
    await runOn(side, ["rmi", "-f", NAME]);
    await removed(engine);
    await execute("sync", []);
  };
  const rows: Row[] = [];
  const pulled = await compared("pull and unpack", all, async (side) => {
    await withoutImage(side);
    return side === podman
      ? timed(side, "pull", "-q", "--tls-verify=false", NAME)
      : timed(side, "pull", "-q", NAME);
  });
  rows.push(...pulled);
  rows.push({ name: "engine's peak memory so far", unit: "MB", ours: peakMegabytes(engine.pid), limit: 250 });
  const archive = (side: Side) => join(folder, `${side.name}.tar`);
  rows.push(
    ...(await compared("save", all, async (side) => {
      rmSync(archive(side), { force: true }); // podman refuses to write over one
      return timed(side, "save", "-o", archive(side), NAME);
    })),
  );
  // Each loads what each saved: Docker's archive has plain layers, Wharf's has them as they were pulled.
  for (const saver of sides) {
    const load = async (side: Side) => {
      await withoutImage(side);
      return timed(side, "load", "-qi", archive(saver));
    };
    rows.push(...(await compared(`load of what ${saver.name} saved`, all, load)));
  }
  const many = join(folder, "many.tar");
  await writeFile(many, manyArchive(1000));
  for (const side of sides) await timed(side, "load", "-qi", many);
  const list = (side: Side) => timed(side, "images", "-q");
  rows.push(...(await compared("docker images, 1,000 images", sides, list, 10)));
  // What the command itself costs is in every other time too, and has no limit.
  const baseline = await compared("docker version", sides, (side) => timed(side, "version"), 10);
  rows.push(...baseline.map(({ ratioLimit: _, ...row }) => row));
  rows.push({
    name: "engine's peak memory in the end",
    unit: "MB",
    ours: peakMegabytes(engine.pid),
    limit: 250,
  });
  const pullRow = pulled[0];
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
