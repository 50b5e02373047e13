/**
 * Paired measurements against a real Docker engine, by the same stock CLI, rounds interleaved:
 * `npm run bench [-- --rounds=20]`. Prints a table and a trace, and keeps the numbers in bench/results/.
 */
import { mkdir, writeFile } from "node:fs/promises";
import { cpus, release } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { execute, withoutDocker, withoutRoot } from "../test/support/docker-cli.ts";
import { type EngineUnderTest, startEngine } from "../test/support/wharfd.ts";
import { measureExec, measureIdleMemory, measureList, measureMany, measureThroughput } from "./containers.ts";
import { findReference, type Reference, residentMegabytes, startReference } from "./reference.ts";
import { drawTable, passes, type Row } from "./report.ts";
import { median, ninthDecile } from "./statistics.ts";

const NETWORKS = [
  { name: "bridge", ratioLimit: 1 / 4 },
  { name: "none", ratioLimit: 1 / 3 },
  { name: "host", ratioLimit: 1 / 2 },
] as const;

const { values } = parseArgs({ options: { rounds: { type: "string", default: "20" } } });
const rounds = Number(values.rounds);

/** Milliseconds of one whole `docker run`, the CLI's own time included. */
async function timeRun(env: Readonly<Record<string, string>>, network: string): Promise<number> {
  const started = performance.now();
  const { code, stderr } = await execute(
    "docker",
    ["run", "--rm", `--network=${network}`, "busybox", "true"],
    { env },
  );
  if (code !== 0) throw new Error(`docker run failed (${code}): ${stderr}`);
  return performance.now() - started;
}

async function measureRuns(
  engine: EngineUnderTest,
  reference: Reference | undefined,
): Promise<readonly Row[]> {
  const rows: Row[] = [];
  for (const { name, ratioLimit } of NETWORKS) {
    const ours: number[] = [];
    const theirs: number[] = [];
    for (let round = -2; round < rounds; round++) {
      const one = await timeRun(engine.clientEnv, name);
      const other = reference && (await timeRun(reference.env, name));
      if (round < 0) continue; // the first ones warm caches up
      ours.push(one);
      if (other !== undefined) theirs.push(other);
    }
    rows.push({
      name: `docker run --rm --network=${name} busybox true`,
      unit: "ms",
      ours: median(ours),
      oursP90: ninthDecile(ours),
      ratioLimit,
      ...(reference ? { reference: median(theirs) } : {}),
    });
  }
  return rows;
}

/** A command that asks the engine next to nothing: what the docker command itself costs is in every other time too. */
async function measureCli(engine: EngineUnderTest, reference: Reference | undefined): Promise<Row> {
  const time = async (env: Readonly<Record<string, string>>) => {
    const started = performance.now();
    await execute("docker", ["version"], { env });
    return performance.now() - started;
  };
  const ours: number[] = [];
  const theirs: number[] = [];
  for (let round = 0; round < rounds; round++) {
    ours.push(await time(engine.clientEnv));
    if (reference) theirs.push(await time(reference.env));
  }
  const compared = reference ? { reference: median(theirs) } : {};
  return { name: "docker version", unit: "ms", ours: median(ours), oursP90: ninthDecile(ours), ...compared };
}

/** From the start of ./wharfd to its first answer, over restarts of an engine that has an image. */
async function measureStart(engine: EngineUnderTest): Promise<Row> {
  const times: number[] = [];
  for (let round = -1; round < 7; round++) {
    await engine.end("SIGTERM");
    const started = performance.now();
    await engine.start();
    if (round >= 0) times.push(performance.now() - started);
  }
  return {
    name: "start to first answer",
    unit: "ms",
    ours: median(times),
    oursP90: ninthDecile(times),
    limit: 250,
  };
}

async function measureMemory(engine: EngineUnderTest, reference: Reference | undefined): Promise<Row> {
  await sleep(2000);
  return {
    name: "engine, idle (RSS)",
    unit: "MB",
    ours: residentMegabytes(engine.pid),
    limit: 90,
    ...(reference ? { reference: reference.memory() } : {}),
  };
}

/** What the engine writes about one run when it is asked for a trace. */
async function traceOfOneRun(): Promise<string> {
  await using engine = await startEngine({ direct: true, env: { WHARF_TRACE: "1" } });
  await timeRun(engine.clientEnv, "bridge");
  const before = engine.log.length;
  await timeRun(engine.clientEnv, "bridge");
  return engine.log.slice(before);
}

async function openReference(): Promise<Reference | undefined> {
  const found = findReference();
  if ("missing" in found) {
    console.log(`without a reference: ${found.missing}`);
    return undefined;
  }
  const reference = await startReference(found.command);
  console.log(`reference: Docker ${reference.version}`);
  return reference;
}

async function loadInto(reference: Reference, engine: EngineUnderTest): Promise<void> {
  const { code, stderr } = await execute("docker", ["load", "-i", join(engine.folder, "busybox.tar")], {
    env: reference.env,
  });
  if (code !== 0) throw new Error(`the reference engine does not load the image: ${stderr}`);
}

async function keep(rows: readonly Row[], reference: Reference | undefined): Promise<string> {
  const folder = join(import.meta.dirname, "results");
  await mkdir(folder, { recursive: true });
  const time = new Date().toISOString();
  const path = join(folder, `${time.slice(0, 19).replaceAll(":", "")}.json`);
  const machine = { kernel: release(), cpus: cpus().length, model: cpus()[0]?.model };
  const report = {
    time,
    machine,
    node: process.version,
    reference: reference?.version,
    rounds,
    rows: rows.map((row) => ({ ...row, pass: passes(row) })),
  };
  await writeFile(path, `${JSON.stringify(report, null, 2)}\n`);
  return path;
}

const missing = withoutRoot || withoutDocker;
if (missing) {
  console.log(`not measured: ${missing}`);
  process.exit(0);
}
await using reference = await openReference();
await using engine = await startEngine({ direct: true });
if (reference) await loadInto(reference, engine);
const runs = await measureRuns(engine, reference);
const cli = await measureCli(engine, reference);
const containers = [
  await measureExec(engine, reference, rounds),
  await measureMany(engine, reference),
  await measureIdleMemory(),
  ...(await measureList(engine)),
  ...(await measureThroughput(engine, reference)),
];
const rows = [
  ...runs,
  cli,
  ...containers,
  await measureStart(engine),
  await measureMemory(engine, reference),
];
console.log(`\n${drawTable(rows)}`);
console.log(await traceOfOneRun());
console.log(`kept in ${await keep(rows, reference)}`);
