/** What containers cost: exec, many at once, lists of many, bytes through, memory each. Paired where there is a reference. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { execute } from "../test/support/docker-cli.ts";
import { call, type EngineUnderTest, startEngine } from "../test/support/wharfd.ts";
import type { Reference } from "./reference.ts";
import type { Row } from "./report.ts";
import { median, ninthDecile } from "./statistics.ts";

type Env = Readonly<Record<string, string>>;

async function docker(env: Env, ...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await execute("docker", args, { env, timeout: 300_000 });
  if (code !== 0) throw new Error(`docker ${args.join(" ")} failed (${code}): ${stderr}`);
  return stdout.trim();
}

/** The same with its output to /dev/null: pipes to this process, and to read them, take time of their own. */
async function dockerUnread(env: Env, ...args: string[]): Promise<void> {
  const child = spawn("docker", args, { env: { ...process.env, ...env }, stdio: "ignore" });
  const [code] = (await once(child, "exit")) as [number];
  if (code !== 0) throw new Error(`docker ${args.join(" ")} failed (${code})`);
}

async function timed(body: () => Promise<unknown>): Promise<number> {
  const started = performance.now();
  await body();
  return performance.now() - started;
}

/** Milliseconds in which what the one engine still does after its answer (processes that end) is over. */
const REST = 100;

/** Runs the body on both engines in turn, each on a machine at rest, after two rounds that only warm up. */
async function paired(
  rounds: number,
  engine: EngineUnderTest,
  reference: Reference | undefined,
  body: (env: Env) => Promise<unknown>,
): Promise<Pick<Row, "ours" | "oursP90" | "reference">> {
  const ours: number[] = [];
  const theirs: number[] = [];
  for (let round = -2; round < rounds; round++) {
    await sleep(REST);
    const one = await timed(() => body(engine.clientEnv));
    await sleep(REST);
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
  const result = await paired(rounds, engine, reference, (env) =>
    dockerUnread(env, "exec", "wbexec", "true"),
  );
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

/** Start and stop of many existing containers, several clients at a time: seconds. */
export async function measureMany(engine: EngineUnderTest, reference: Reference | undefined): Promise<Row> {
  const names = Array.from({ length: MANY }, (_, index) => `wbmany${index}`);
  const seconds = async (env: Env) => {
    await byClients(names, (name) => docker(env, "create", "--name", name, "busybox", "sleep", "100000"));
    const start = await timed(() => byClients(names, (name) => docker(env, "start", name)));
    const stop = await timed(() => byClients(names, (name) => docker(env, "stop", "-t", "0", name)));
    await docker(env, "rm", "-f", ...names);
    return (start + stop) / 1000;
  };
  const ours = await seconds(engine.clientEnv);
  const theirs = reference && (await seconds(reference.env));
  return {
    name: `start and stop of ${MANY} containers, ${CLIENTS} clients`,
    unit: "s",
    ours,
    oursP90: ours,
    ratioLimit: 1 / 4,
    ...(theirs === undefined ? {} : { reference: theirs }),
  };
}

/** Milliseconds after which an engine has given back what it needed for a moment only. */
const SETTLED = 5000;

/**
 * What a running, idle container costs: by how much a fresh engine grows that has started and removed as many before,
 * and the monitors. Proportional set sizes, so that what processes share is counted once.
 */
export async function measureIdleMemory(): Promise<Row> {
  await using engine = await startEngine({ direct: true });
  const names = Array.from({ length: MANY }, (_, index) => `wbidle${index}`);
  const start = () =>
    byClients(names, (name) =>
      docker(engine.clientEnv, "run", "-d", "--name", name, "busybox", "sleep", "100000"),
    );
  await start();
  await docker(engine.clientEnv, "rm", "-f", ...names);
  await sleep(SETTLED);
  const before = proportionalMegabytes(engine.pid);
  await start();
  await sleep(SETTLED);
  const grown = proportionalMegabytes(engine.pid) - before;
  const monitors = monitorsOf(engine).reduce((sum, pid) => sum + proportionalMegabytes(pid), 0);
  return {
    name: `memory per idle container at ${MANY} (PSS: monitor, growth of the engine)`,
    unit: "MB",
    ours: (grown + monitors) / MANY,
    limit: 1,
  };
}

/** Proportional set size in MB: what is shared counts in parts. */
function proportionalMegabytes(pid: number | string): number {
  const kilobytes = /^Pss:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, "utf8"))?.[1];
  return Number(kilobytes) / 1024;
}

const monitorsOf = (engine: EngineUnderTest): readonly string[] =>
  readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => commandOf(pid).includes(engine.execRoot) && commandOf(pid).includes("conmon"));

function commandOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "latin1");
  } catch {
    return "";
  }
}

/**
 * `docker ps -a` where there are 1,000 containers, and the same of a server that has the answer ready and does nothing
 * else: what is left there is the docker command's own, and no engine can be faster.
 */
export async function measureList(engine: EngineUnderTest): Promise<readonly Row[]> {
  const body = JSON.stringify({ Image: "busybox", Cmd: ["true"] });
  const type = { "content-type": "application/json" };
  const names = Array.from({ length: 1000 }, (_, index) => `wblist${index}`);
  await byClients(names, async (name) => {
    const { status } = await call(engine.socket, "POST", `/containers/create?name=${name}`, body, type);
    if (status !== 201) throw new Error(`create failed: ${status}`);
  });
  const list = await call(engine.socket, "GET", "/containers/json?all=1");
  const ready = await serveOnly(list.body, join(engine.folder, "ready.sock"));
  const [ours, floor]: [number[], number[]] = [[], []];
  for (let round = -2; round < 10; round++) {
    const one = await timed(() => dockerUnread(engine.clientEnv, "ps", "-a"));
    const other = await timed(() =>
      dockerUnread({ ...engine.clientEnv, DOCKER_HOST: ready.host }, "ps", "-a"),
    );
    if (round < 0) continue;
    ours.push(one);
    floor.push(other);
  }
  ready.close();
  await byClients(names, (name) => call(engine.socket, "DELETE", `/containers/${name}`));
  const row = (name: string, times: readonly number[]): Row => ({
    name,
    unit: "ms",
    ours: median(times),
    oursP90: ninthDecile(times),
  });
  return [
    { ...row("docker ps -a with 1,000 containers", ours), limit: 60 },
    row("... of a server that has the answer ready", floor),
  ];
}

/** A server for the docker command that answers every question with the same document. */
async function serveOnly(document: string, path: string) {
  const server = createServer((request, response) => {
    const isPing = request.url?.includes("_ping");
    response.writeHead(200, { "Api-Version": "1.50", "Content-Type": "application/json" });
    response.end(request.method === "HEAD" ? undefined : isPing ? "OK" : document);
  });
  await new Promise<void>((resolve) => server.listen(path, resolve));
  return { host: `unix://${path}`, close: () => server.close() };
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
