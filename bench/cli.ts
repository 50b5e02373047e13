/**
 * What the command itself costs, beside the stock one on the same engine, batches interleaved:
 * `scripts/node bench/cli.ts [--rounds=30] [--megabytes=1000]`. Processor time (user and system) of start-up, and a large
 * log through a pipe: time, processor time, and the memory it takes.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { dockerPath, execute, output, withoutDocker, withoutRoot } from "../test/support/docker-cli.ts";
import { type EngineUnderTest, startEngine } from "../test/support/wharfd.ts";
import { drawTable, type Row } from "./report.ts";
import { median, ninthDecile } from "./statistics.ts";

const options = {
  rounds: { type: "string", default: "30" },
  megabytes: { type: "string", default: "1000" },
} as const;
const { values } = parseArgs({ options });
const rounds = Number(values.rounds);
const wharf = join(import.meta.dirname, "../wharf");
const docker = dockerPath ?? "docker";

/** Commands in a batch: the kernel tells their processor time together, in steps of 10 ms. */
const BATCH = 10;

/** What `times` of a shell says its children took: "0m1.230000s 0m0.450000s", user and system. */
function childrenMs(said: string): number {
  const words = [...(said.trim().split("\n").at(-1) ?? "").matchAll(/(\d+)m([\d.]+)s/g)];
  return words.reduce(
    (sum, [, minutes, seconds]) => sum + Number(minutes) * 60_000 + Number(seconds) * 1000,
    0,
  );
}

/** Milliseconds of processor time that one run takes, on average over a batch. */
async function processorTime(
  program: string,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<number> {
  const script = `i=0; while [ $i -lt ${BATCH} ]; do "$@" >/dev/null || exit; i=$((i + 1)); done; times`;
  return childrenMs(await output("sh", ["-c", script, "sh", program, ...args], { env })) / BATCH;
}

async function measureStart(
  engine: EngineUnderTest,
  args: readonly string[],
  limit: Pick<Row, "limit" | "ratioLimit">,
): Promise<Row> {
  const env = { DOCKER_HOST: engine.host, WHARF_HOST: "" };
  const [ours, theirs]: [number[], number[]] = [[], []];
  await execute(wharf, args, { env });
  for (let round = 0; round < rounds; round += BATCH) {
    ours.push(await processorTime(wharf, args, env));
    theirs.push(await processorTime(docker, args, env));
  }
  const numbers = { ours: median(ours), oursP90: ninthDecile(ours), reference: median(theirs) };
  return { name: `wharf ${args.join(" ")}, processor time`, unit: "ms", ...numbers, ...limit };
}

interface Streamed {
  readonly seconds: number;
  /** Of processor time, user and system. */
  readonly processor: number;
  readonly bytes: number;
  /** Resident megabytes, after a quarter and at the end. */
  readonly memory: readonly [number, number];
}

/** Seconds of processor time a process has taken; 100 ticks are one. */
const processorOf = (pid: number): number => {
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8")
    .replace(/^.*\) /s, "")
    .split(" ");
  return (Number(fields[11]) + Number(fields[12])) / 100;
};
const residentOf = (pid: number): number =>
  Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1] ?? 0) / 1024;

async function streamLog(program: string, host: string, total: number): Promise<Streamed> {
  const started = performance.now();
  const env = { ...process.env, DOCKER_HOST: host, WHARF_HOST: "" };
  const child = spawn(program, ["logs", "big"], { env, stdio: ["ignore", "pipe", "ignore"] });
  let bytes = 0;
  let [early, late, processor] = [0, 0, 0];
  for await (const chunk of child.stdout as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (early === 0 && bytes > total / 4) early = residentOf(child.pid ?? 0);
    if (late > 0 || bytes < total * 0.98) continue;
    late = residentOf(child.pid ?? 0);
    processor = processorOf(child.pid ?? 0);
  }
  if (child.exitCode === null) await once(child, "exit");
  return { seconds: (performance.now() - started) / 1000, processor, bytes, memory: [early, late] };
}

async function measureLog(engine: EngineUnderTest): Promise<readonly Row[]> {
  const total = Number(values.megabytes) * 1_000_000;
  const line =
    "a line of a log that is about one hundred bytes long, as lines of logs of web servers usually are";
  const script = `yes '${line}' | head -c ${total}`;
  await engine.ok("run", "-d", "--name", "big", "--log-opt", "max-size=4g", "busybox", "sh", "-c", script);
  await execute(docker, ["wait", "big"], { env: engine.clientEnv, timeout: 600_000 });
  const theirs = await streamLog(docker, engine.host, total);
  const ours = await streamLog(wharf, engine.host, total);
  if (ours.bytes !== theirs.bytes) throw new Error(`wharf gave ${ours.bytes} bytes, docker ${theirs.bytes}`);
  const [early, late] = ours.memory;
  return [
    {
      name: `wharf logs, ${values.megabytes} MB`,
      unit: "s",
      ours: ours.seconds,
      reference: theirs.seconds,
      ratioLimit: 1,
    },
    {
      name: "its processor time",
      unit: "s",
      ours: ours.processor,
      reference: theirs.processor,
      ratioLimit: 1,
    },
    {
      name: "its memory at the end, beside that after a quarter",
      unit: "MB",
      ours: late,
      reference: early,
      ratioLimit: 1.2,
    },
  ];
}

if (withoutDocker || withoutRoot) throw new Error(String(withoutDocker || withoutRoot));
await using engine = await startEngine({ direct: true });
await engine.ok("run", "-d", "--name", "one", "busybox", "sleep", "100000");
const rows = [
  await measureStart(engine, ["ps"], { ratioLimit: 2.5 }),
  await measureStart(engine, ["--help"], { limit: 40 }),
  ...(await measureLog(engine)),
];
console.log(drawTable(rows));
