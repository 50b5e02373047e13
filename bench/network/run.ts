/**
 * Data paths and ports: `scripts/node bench/network/run.ts [--rounds=3] [--ports=1000]`. Throughput between containers
 * and through a published port, against a real Docker engine and against a bridge made by hand, rounds interleaved; and
 * what a published port costs when there are many. Keeps the numbers in bench/results/.
 */
import { readFileSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { cpus, release } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { isInstalled } from "../../src/network/firewall/process.ts";
import { execute, output, withoutDocker, withoutRoot } from "../../test/support/docker-cli.ts";
import { startEngine } from "../../test/support/wharfd.ts";
import { findReference, type Reference, startReference } from "../reference.ts";
import { type PortTimes, publishMany } from "./ports.ts";
import { handMade, type Place, serve, type Throughput, throughput } from "./throughput.ts";

const { values } = parseArgs({
  options: { rounds: { type: "string", default: "3" }, ports: { type: "string", default: "1000" } },
});
const PORT = 5201;
const NAMES = { a: "wharf-bench-a", b: "wharf-bench-b" };

interface Side {
  readonly name: string;
  /** Namespace of the engine. */
  readonly host: string;
  readonly gateway: string;
  readonly a: Place;
  readonly b: Place;
}

type Environment = Readonly<Record<string, string>>;

async function container(env: Environment, name: string, ...flags: readonly string[]): Promise<Place> {
  const id = await output("docker", ["run", "-d", "--name", name, ...flags, "busybox", "sleep", "1000"], {
    env,
  });
  const format = "{{.State.Pid}} {{.NetworkSettings.Networks.bridge.IPAddress}}";
  const [pid = "", ip = ""] = (await output("docker", ["inspect", "-f", format, id], { env })).split(" ");
  return { netns: `/proc/${pid}/ns/net`, ip };
}

/** What a run that was broken off left in an engine that is not the bench's own. */
const forget = (env: Environment) => execute("docker", ["rm", "-f", NAMES.a, NAMES.b], { env });

async function side(name: string, env: Environment, host: string): Promise<Side> {
  await forget(env);
  const a = await container(env, NAMES.a, "-p", `${PORT}:${PORT}`);
  return { name, host, gateway: a.ip.replace(/\d+$/, "1"), a, b: await container(env, NAMES.b) };
}

/** Namespace of the reference engine's dockerd. */
async function namespaceOf(reference: Reference): Promise<string> {
  const pids = (await output("pgrep", ["-x", "dockerd"])).split("\n");
  const socket = reference.env["DOCKER_HOST"]?.replace("unix://", "") ?? "";
  for (const pid of pids) {
    const line = readFileSync(`/proc/${pid}/cmdline`, "utf8");
    if (line.includes(socket)) return `/proc/${pid}/ns/net`;
  }
  throw new Error("no dockerd listens on the reference engine's socket");
}

type Results = Record<string, Record<string, Throughput[]>>;

async function measure(results: Results, { name, host, gateway, a, b }: Side): Promise<void> {
  using _server = await serve(a.netns, PORT);
  const note = (what: string, value: Throughput) => {
    results[what] ??= {};
    results[what][name] = [...(results[what][name] ?? []), value];
  };
  note("container to container", await throughput(b.netns, a.ip, PORT));
  note("host to container", await throughput(host, a.ip, PORT));
  if (gateway === "") return;
  note("published port, by the host's address", await throughput(host, gateway, PORT));
  note("published port, by 127.0.0.1", await throughput(host, "127.0.0.1", PORT));
  note("published port, from a container", await throughput(b.netns, gateway, PORT));
}

const missing =
  withoutRoot || withoutDocker || (isInstalled("iperf3") ? undefined : "needs iperf3 (Debian's package)");
if (missing) {
  console.log(`not measured: ${missing}`);
  process.exit(0);
}

async function openReference(): Promise<Reference | undefined> {
  const found = findReference();
  return "missing" in found ? undefined : startReference(found.command);
}

await using reference = await openReference();
await using engine = await startEngine({ direct: true });
await using bare = await handMade();
const sides: Side[] = [
  { name: "by hand", gateway: "", ...bare },
  await side("wharf", engine.clientEnv, `/run/netns/${engine.name}`),
];
if (reference) {
  await output("docker", ["load", "-i", join(engine.folder, "busybox.tar")], { env: reference.env });
  sides.push(await side("docker", reference.env, await namespaceOf(reference)));
}
const results: Results = {};
for (let round = 0; round < Number(values.rounds); round++)
  for (const one of sides) await measure(results, one);
const best = (key: keyof Throughput) =>
  Object.entries(results).map(([what, by]) => ({
    what,
    ...Object.fromEntries(
      Object.entries(by).map(([name, list]) => [
        name,
        Number(Math.max(...list.map((one) => one[key])).toFixed(1)),
      ]),
    ),
  }));
console.log(`Gbit/s, best of ${values.rounds}: whatever else the machine does only takes away`);
console.table(best("speed"));
console.log("Gbit for each second of processor time");
console.table(best("perProcessor"));

const ports: Record<string, PortTimes> = {};
for (const backend of ["iptables", "nftables"] as const) {
  if (backend === "nftables" && !isInstalled("nft")) continue;
  ports[backend] = await publishMany(backend, Number(values.ports));
}
console.log(`${values.ports} ports: ms to publish, µs to connect`);
console.table(ports);

const folder = join(import.meta.dirname, "../results");
await mkdir(folder, { recursive: true });
const time = new Date().toISOString();
const machine = { kernel: release(), cpus: cpus().length, model: cpus()[0]?.model };
const report = {
  time,
  machine,
  reference: reference?.version,
  rounds: Number(values.rounds),
  gigabits: best("speed"),
  gigabitsPerProcessorSecond: best("perProcessor"),
  ports,
};
const path = join(folder, `network-${time.slice(0, 19).replaceAll(":", "")}.json`);
await writeFile(path, `${JSON.stringify(report, null, 2)}\n`);
console.log(`kept in ${path}`);
if (reference) await forget(reference.env);
