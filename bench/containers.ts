/** What containers cost: exec, many at once, lists of many, bytes through, memory each. Paired where there is a reference. */
import { readdirSync, readFileSync } from "node:fs";
import { execute } from "../test/support/docker-cli.ts";
import { call, type EngineUnderTest } from "../test/support/wharfd.ts";
import { type Reference, residentMegabytes } from "./reference.ts";
import type { Row } from "./report.ts";
import { median, ninthDecile } from "./statistics.ts";

type Env = Readonly<Record<string, string>>;

async function docker(env: Env, ...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await execute("docker", args, { env, timeout: 300_000 });
  if (code !== 0) throw new Error(`docker ${args.join(" ")} failed (${code}): ${stderr}`);
  return stdout.trim();
}

async function timed(body: () => Promise<unknown>): Promise<number> {
  const started = performance.now();
  await body();
  return performance.now() - started;
}

/** Runs the body on both engines in turn, after two rounds that only warm up. */
async function paired(
  rounds: number,
  engine: EngineUnderTest,
  reference: Reference | undefined,
  body: (env: Env) => Promise<unknown>,
): Promise<Pick<Row, "ours" | "oursP90" | "reference">> {
  const ours: number[] = [];
  const theirs: number[] = [];
  for (let round = -2; round < rounds; round++) {
    const one = await timed(() => body(engine.clientEnv));
    const other = reference && (await timed(() => body(reference.env)));
    if (round < 0) continue;
    ours.push(one);
    if (other !== undefined) theirs.push(other);
  }
  return {
    ours: median(ours),
    oursP90: ninthDecile(ours),
    ...(reference ? { reference: median(theirs) } : {}),
  };
}

export async function measureExec(
  engine: EngineUnderTest,
  reference: Reference | undefined,
  rounds: number,
): Promise<Row> {
  const each = [engine.clientEnv, ...(reference ? [reference.env] : [])];
  for (const env of each) await docker(env, "run", "-d", "--name", "wbexec", "busybox", "sleep", "100000");
  const result = await paired(rounds, engine, reference, (env) => docker(env, "exec", "wbexec", "true"));
  for (const env of each) await docker(env, "rm", "-f", "wbexec");
  return { name: "docker exec C true", unit: "ms", ratioLimit: 1 / 2, ...result };
}

const MANY = 100;
const CLIENTS = 8;

/** Hands out the names to so many clients at once. */
async function byClients(names: readonly string[], body: (name: string) => Promise<unknown>): Promise<void> {
  const left = [...names];
  const client = async () => {
    for (let name = left.pop(); name !== undefined; name = left.pop()) await body(name);
  };
  await Promise.all(Array.from({ length: CLIENTS }, client));
}

/** Start and stop of many existing containers, several clients at a time: containers per second. */
export async function measureMany(
  engine: EngineUnderTest,
  reference: Reference | undefined,
): Promise<readonly Row[]> {
  const names = Array.from({ length: MANY }, (_, index) => `wbmany${index}`);
  const rate = async (env: Env) => {
    await byClients(names, (name) => docker(env, "create", "--name", name, "busybox", "sleep", "100000"));
    const start = await timed(() => byClients(names, (name) => docker(env, "start", name)));
    const idle = env === engine.clientEnv ? perContainer(engine) : undefined;
    const stop = await timed(() => byClients(names, (name) => docker(env, "stop", "-t", "0", name)));
    await docker(env, "rm", "-f", ...names);
    return { seconds: (start + stop) / 1000, idle };
  };
  const before = residentMegabytes(engine.pid);
  const ours = await rate(engine.clientEnv);
  const theirs = reference && (await rate(reference.env));
  return [
    {
      name: `start and stop of ${MANY} containers, ${CLIENTS} clients`,
      unit: "s",
      ours: ours.seconds,
      oursP90: ours.seconds,
      ratioLimit: 1 / 4,
      ...(theirs ? { reference: theirs.seconds } : {}),
    },
    {
      name: `memory per idle container at ${MANY} (PSS of monitors, growth of the engine)`,
      unit: "MB",
      ours: ((ours.idle?.engine ?? 0) - before) / MANY + (ours.idle?.monitors ?? 0) / MANY,
      limit: 1,
    },
  ];
}

/** Proportional set size in MB: what is shared counts in parts. */
function proportionalMegabytes(pid: number | string): number {
  try {
    const kilobytes = /^Pss:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, "utf8"))?.[1];
    return Number(kilobytes ?? 0) / 1024;
  } catch {
    return 0;
  }
}

function perContainer(engine: EngineUnderTest) {
  const monitors = readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => commandOf(pid).includes(engine.execRoot) && commandOf(pid).includes("conmon"));
  return {
    engine: residentMegabytes(engine.pid),
    monitors: monitors.reduce((sum, pid) => sum + proportionalMegabytes(pid), 0),
  };
}

function commandOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "latin1");
  } catch {
    return "";
  }
}

/** `docker ps -a` where there are 1,000 containers; the reference has them only if somebody waits for it. */
export async function measureList(engine: EngineUnderTest): Promise<Row> {
  const body = JSON.stringify({ Image: "busybox", Cmd: ["true"] });
  const type = { "content-type": "application/json" };
  const names = Array.from({ length: 1000 }, (_, index) => `wblist${index}`);
  await byClients(names, async (name) => {
    const { status } = await call(engine.socket, "POST", `/containers/create?name=${name}`, body, type);
    if (status !== 201) throw new Error(`create failed: ${status}`);
  });
  const result = await paired(10, engine, undefined, (env) => docker(env, "ps", "-a"));
  await byClients(names, (name) => call(engine.socket, "DELETE", `/containers/${name}`));
  return { name: "docker ps -a with 1,000 containers", unit: "ms", limit: 60, ...result };
}

const BYTES = 100 * 1024 * 1024;
const WRITER = `yes 'a line of output as programs write them, some sixty bytes long' | head -c ${BYTES}`;

/** Seconds for 100 MB of lines: to an attached client, and read back from the log. */
export async function measureThroughput(
  engine: EngineUnderTest,
  reference: Reference | undefined,
): Promise<readonly Row[]> {
  const shell = async (env: Env, line: string) => {
    const { code, stderr } = await execute("sh", ["-c", line], { env: { ...env }, timeout: 300_000 });
    if (code !== 0) throw new Error(`${line} failed (${code}): ${stderr}`);
  };
  const seconds = async (line: string): Promise<Pick<Row, "ours" | "oursP90" | "reference">> => {
    const ours = (await timed(() => shell(engine.clientEnv, line))) / 1000;
    const theirs = reference && (await timed(() => shell(reference.env, line))) / 1000;
    return { ours, oursP90: ours, ...(theirs === undefined ? {} : { reference: theirs }) };
  };
  const attach = await seconds(`docker run --rm --name wbattach busybox sh -c "${WRITER}" >/dev/null`);
  const each = [engine.clientEnv, ...(reference ? [reference.env] : [])];
  for (const env of each)
    await shell(env, `docker run -d --name wblogs busybox sh -c "${WRITER}" && docker wait wblogs`);
  const logs = await seconds("docker logs wblogs >/dev/null");
  for (const env of each) await docker(env, "rm", "-f", "wblogs");
  return [
    { name: "100 MB to an attached client", unit: "s", ratioLimit: 1, ...attach },
    { name: "100 MB through docker logs", unit: "s", ratioLimit: 1, ...logs },
  ];
}
