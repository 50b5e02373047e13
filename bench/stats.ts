/**
 * How long other requests wait while the stats of many containers are streamed: scripts/node bench/stats.ts [CONTAINERS]
 * Percentiles of `GET /_ping`, one every few milliseconds on a connection of its own, without streams and with one for
 * each container.
 */
import { Agent, get } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { call, type EngineUnderTest, startEngine } from "../test/support/wharfd.ts";

const SECONDS = 20;
const BETWEEN = 7;
const CLIENTS = 8;
const CONTAINERS = Number(process.argv[2] ?? 1000);

async function startContainers(engine: EngineUnderTest): Promise<readonly string[]> {
  const type = { "content-type": "application/json" };
  const body = JSON.stringify({
    Image: "busybox",
    Cmd: ["sleep", "100000"],
    HostConfig: { NetworkMode: "none" },
  });
  const ids: string[] = [];
  let left = CONTAINERS;
  const client = async () => {
    while (left-- > 0) {
      const created = await call(engine.socket, "POST", "/containers/create", body, type);
      const { Id } = JSON.parse(created.body) as { Id: string };
      const started = await call(engine.socket, "POST", `/containers/${Id}/start`);
      if (started.status !== 204) throw new Error(`start failed: ${started.status} ${started.body}`);
      ids.push(Id);
    }
  };
  await Promise.all(Array.from({ length: CLIENTS }, client));
  return ids;
}

/** A stream of stats that is read and thrown away; settles when its first sample has come. */
async function watch(engine: EngineUnderTest, id: string, agent: Agent): Promise<() => number> {
  let bytes = 0;
  const first = Promise.withResolvers<void>();
  get({ socketPath: engine.socket, path: `/containers/${id}/stats`, agent }, (answer) => {
    answer.on("data", (chunk: Buffer) => {
      bytes += chunk.length;
      first.resolve();
    });
  }).on("error", first.reject);
  await first.promise;
  return () => bytes;
}

async function waits(engine: EngineUnderTest): Promise<readonly number[]> {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const times: number[] = [];
  for (const end = Date.now() + SECONDS * 1000; Date.now() < end; await sleep(BETWEEN)) {
    const since = performance.now();
    await new Promise<void>((resolve, reject) => {
      get({ socketPath: engine.socket, path: "/_ping", agent }, (answer) => {
        answer.resume().on("end", resolve);
      }).on("error", reject);
    });
    times.push(performance.now() - since);
  }
  agent.destroy();
  return times.toSorted((one, other) => one - other);
}

function show(what: string, times: readonly number[]): void {
  const at = (share: number) =>
    (times[Math.min(times.length - 1, Math.floor(times.length * share))] ?? 0).toFixed(1);
  console.log(`${what}: p50 ${at(0.5)} p90 ${at(0.9)} p99 ${at(0.99)} most ${at(1)} ms of ${times.length}`);
}

await using engine = await startEngine({ direct: true });
const ids = await startContainers(engine);
show("no streams", await waits(engine));
const agent = new Agent({ maxSockets: Number.POSITIVE_INFINITY });
const streams = await Promise.all(ids.map((id) => watch(engine, id, agent)));
await sleep(2000);
const before = streams.reduce((sum, bytes) => sum + bytes(), 0);
show(`${ids.length} streams`, await waits(engine));
const grown = streams.reduce((sum, bytes) => sum + bytes(), 0) - before;
console.log(`${(grown / SECONDS / 1e6).toFixed(2)} MB of samples a second`);
agent.destroy();
