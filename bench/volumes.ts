/**
 * What volumes cost: `scripts/node bench/volumes.ts [--rounds=20]`. The add of a new volume to a start, copy-up of
 * 20,000 files beside `cp -a` of the same files, and `volume ls` with 1,000 volumes.
 */
import { readFileSync } from "node:fs";
import { mkdir, readdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { execute, withoutDocker, withoutRoot } from "../test/support/docker-cli.ts";
import { call, type EngineUnderTest, startEngine } from "../test/support/wharfd.ts";
import { drawTable, type Row } from "./report.ts";
import { median, ninthDecile } from "./statistics.ts";

const { values } = parseArgs({ options: { rounds: { type: "string", default: "20" } } });
const rounds = Number(values.rounds);
const TYPE = { "content-type": "application/json" };

async function ask(engine: EngineUnderTest, method: string, path: string, body?: object): Promise<string> {
  const answer = await call(engine.socket, method, path, body && JSON.stringify(body), TYPE);
  if (answer.status >= 300) throw new Error(`${method} ${path}: ${answer.status} ${answer.body}`);
  return answer.body;
}

/** Milliseconds of create and start over the API, without the docker command's own time. */
async function timeStart(engine: EngineUnderTest, host: object): Promise<number> {
  const body = { Image: "busybox", Cmd: ["sleep", "1000"], HostConfig: { NetworkMode: "none", ...host } };
  const started = performance.now();
  const { Id } = JSON.parse(await ask(engine, "POST", "/containers/create", body)) as { Id: string };
  await ask(engine, "POST", `/containers/${Id}/start`);
  const taken = performance.now() - started;
  await ask(engine, "DELETE", `/containers/${Id}?force=1&v=1`);
  return taken;
}

async function measureStart(engine: EngineUnderTest): Promise<Row> {
  const [plain, added]: [number[], number[]] = [[], []];
  for (let round = -3; round < rounds * 3; round++) {
    const without = await timeStart(engine, {});
    const withOne = await timeStart(engine, { Binds: ["/bench-volume"] });
    if (round < 0) continue;
    plain.push(without);
    added.push(withOne);
  }
  const difference = median(added) - median(plain);
  return { name: "a new volume adds to create and start", unit: "ms", ours: difference, limit: 2 };
}

const FOLDERS = 200;
const FILES = 100;

/** Gives the image's content as a container sees it: what a copy reads is the same for both. */
async function makeLargeImage(engine: EngineUnderTest): Promise<string> {
  const content = join(engine.folder, "content");
  for (let folder = 0; folder < FOLDERS; folder++) {
    await mkdir(join(content, `${folder}`), { recursive: true });
    for (let file = 0; file < FILES; file++)
      await writeFile(join(content, `${folder}/${file}`), "x".repeat(500));
  }
  const id = await engine.ok("create", "busybox");
  await engine.ok("cp", content, `${id}:/content`);
  await engine.ok("commit", id, "large");
  await engine.ok("rm", id);
  const running = await engine.ok("run", "-d", "large", "sleep", "10000");
  const merged = await engine.ok("inspect", "-f", "{{.GraphDriver.Data.MergedDir}}", running);
  return join(merged, "content");
}

const TICKS = 100;

/** Milliseconds of processor time that a process has taken, user and system (proc(5), in ticks of 10 ms). */
function processorTime(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]?.split(" ") ?? [];
  return ((Number(fields[11]) + Number(fields[12])) * 1000) / TICKS;
}

/** Milliseconds of processor time of a command: the last line of `times` is that of the shell's children. */
async function processorTimeOf(...command: readonly string[]): Promise<number> {
  const { stdout } = await execute("sh", ["-c", '"$@"; times', "sh", ...command]);
  const parts = [...(stdout.trim().split("\n").at(-1) ?? "").matchAll(/(\d+)m([\d.]+)s/g)];
  return parts.reduce(
    (sum, [, minutes, seconds]) => sum + Number(minutes) * 60_000 + Number(seconds) * 1000,
    0,
  );
}

/** The last copies are deleted in the background: nothing of that is to be counted. */
async function untilDeleted(engine: EngineUnderTest): Promise<void> {
  const removing = join(engine.dataRoot, "volumes/.removing");
  while ((await readdir(removing).catch(() => [])).length > 0) await sleep(50);
}

/** Creation with and without copy-up; the difference is the copy. Also by processor time, which load hardly changes. */
async function measureCopyUp(engine: EngineUnderTest): Promise<readonly Row[]> {
  const content = await makeLargeImage(engine);
  const [ours, theirs]: [number[], number[]] = [[], []];
  const [oursBusy, theirsBusy]: [number[], number[]] = [[], []];
  for (let round = -1; round < Math.max(3, rounds / 4); round++) {
    const create = async (destination: string) => {
      await untilDeleted(engine);
      const [started, busy] = [performance.now(), processorTime(engine.pid)];
      const body = { Image: "large", HostConfig: { Binds: [destination] } };
      const { Id } = JSON.parse(await ask(engine, "POST", "/containers/create", body)) as { Id: string };
      const taken = [performance.now() - started, processorTime(engine.pid) - busy] as const;
      await ask(engine, "DELETE", `/containers/${Id}?v=1`);
      return taken;
    };
    const [copy, copyBusy] = await create("/content");
    const [plain, plainBusy] = await create("/elsewhere");
    const started = performance.now();
    const otherBusy = await processorTimeOf("cp", "-a", content, `${engine.folder}/copy`);
    const other = performance.now() - started;
    await rm(`${engine.folder}/copy`, { recursive: true });
    if (round < 0) continue;
    ours.push(copy - plain);
    oursBusy.push(copyBusy - plainBusy);
    theirs.push(other);
    theirsBusy.push(otherBusy);
  }
  const row = (what: string, mine: readonly number[], reference: readonly number[]): Row => ({
    name: `copy-up of 20,000 files, ${what} (reference: cp -a of the same)`,
    unit: "ms",
    ours: median(mine),
    oursP90: ninthDecile(mine),
    reference: median(reference),
    ratioLimit: 1,
  });
  return [row("time", ours, theirs), row("processor time", oursBusy, theirsBusy)];
}

async function measureList(engine: EngineUnderTest): Promise<Row> {
  for (let count = 0; count < 1000; count++)
    await ask(engine, "POST", "/volumes/create", { Name: `bench${count}` });
  const times: number[] = [];
  for (let round = -2; round < rounds; round++) {
    const started = performance.now();
    await execute("docker", ["volume", "ls"], { env: engine.clientEnv });
    if (round >= 0) times.push(performance.now() - started);
  }
  return {
    name: "docker volume ls, 1,000 volumes",
    unit: "ms",
    ours: median(times),
    oursP90: ninthDecile(times),
    limit: 50,
  };
}

const missing = withoutRoot || withoutDocker;
if (missing) {
  console.log(`not measured: ${missing}`);
  process.exit(0);
}
await using engine = await startEngine({ direct: true });
const rows = [await measureStart(engine), ...(await measureCopyUp(engine)), await measureList(engine)];
console.log(`\n${drawTable(rows)}`);
