/**
 * Data paths and ports: `scripts/node bench/network/run.ts [--rounds=8] [--ports=1000]`. Throughput between containers
 * and through a published port, against a real Docker engine and against a bridge made by hand, all in every round; and
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
import { median } from "../statistics.ts";
import { type PortTimes, publishMany } from "./ports.ts";
import { handMade, type Place, serve, type Throughput, throughput } from "./throughput.ts";

const { values } = parseArgs({
  options: { rounds: { type: "string", default: "8" }, ports: { type: "string", default: "1000" } },
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

/** Measurements by path and then by side, one a round. */
type Results = Record<string, Record<string, Throughput[]>>;

const PUBLISHED = "published port, by the host's address";
/** What a bridge made by hand has in place of a path. */
const HAND_MADE: Readonly<Record<string, string>> = { [PUBLISHED]: "host to container" };

async function measure(results: Results, { name, host, gateway, a, b }: Side): Promise<void> {
  await using _server = await serve(a.netns, PORT);
  const note = (what: string, value: Throughput) => {
    results[what] ??= {};
    results[what][name] ??= [];
    results[what][name].push(value);
  };
  note("container to container", await throughput(b.netns, a.ip, PORT));
  note("host to container", await throughput(host, a.ip, PORT));
  if (gateway === "") return;
  note(PUBLISHED, await throughput(host, gateway, PORT));
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
// Whatever drifts during a round is to nobody's advantage.
for (let round = 0; round < Number(values.rounds); round++)
  for (const one of round % 2 === 0 ? sides : sides.toReversed()) await measure(results, one);

const rounded = (value: number, digits: number) => Number(value.toFixed(digits));

/** Medians of the sides, and the medians of wharf's share of the others in the same round. */
function summary(key: keyof Throughput) {
  return Object.entries(results).map(([what, by]) => {
    const ours = by["wharf"] ?? [];
    const shareOf = (theirs: readonly Throughput[] = []) => {
      const shares = theirs.map((one, round) => (ours[round]?.[key] ?? Number.NaN) / one[key]);
      return shares.length === 0 ? undefined : rounded(median(shares), 3);
    };
    const middle = ([name, list]: [string, readonly Throughput[]]) =>
      [name, rounded(median(list.map((one) => one[key])), 1)] as const;
    return {
      what,
      ...Object.fromEntries(Object.entries(by).map(middle)),
      "of docker": shareOf(by["docker"]),
      "of by hand": shareOf(results[HAND_MADE[what] ?? what]?.["by hand"]),
    };
  });
}
console.log(`Gbit/s, medians of ${values.rounds} rounds`);
console.table(summary("speed"));
console.log("Gbit for each second of processor time");
console.table(summary("perProcessor"));

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
  gigabits: summary("speed"),
  gigabitsPerProcessorSecond: summary("perProcessor"),
  ports,
};
const path = join(folder, `network-${time.slice(0, 19).replaceAll(":", "")}.json`);
await writeFile(path, `${JSON.stringify(report, null, 2)}\n`);
console.log(`kept in ${path}`);
if (reference) await forget(reference.env);
