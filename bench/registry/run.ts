/**
 * Paired measurements against Debian's docker-registry: `scripts/node bench/registry/run.ts [--rounds=5]`. The same
 * client for both, rounds interleaved; CPU is the registry's own. Prints a table and keeps the numbers in bench/results/.
 */
import { spawnSync } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { closeSync, createReadStream, mkdtempSync, openSync, readFileSync, rmSync, writeSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { Agent, request } from "node:http";
import { cpus, release, tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { formatTable } from "../../src/cli/format/table.ts";
import { MEDIA_TYPES } from "../../src/oci/index.ts";
import { execute, output } from "../../test/support/docker-cli.ts";
import { noRegistry, startRegistry } from "../../test/support/docker-registry.ts";
import { RegistryProcess } from "../../test/support/wharf-registry.ts";
import { median } from "../statistics.ts";

const { values } = parseArgs({
  options: {
    rounds: { type: "string", default: "5" },
    size: { type: "string", default: String(1024 ** 3) },
    tags: { type: "string", default: "10000" },
  },
});
const [rounds, size, tagCount] = [Number(values.rounds), Number(values.size), Number(values.tags)];
const folder = mkdtempSync(join(tmpdir(), "wharf-bench-registry-"));
const file = join(folder, "blob");

interface Subject {
  readonly host: string;
  readonly pid: number;
}

interface Row {
  readonly name: string;
  readonly unit: string;
  readonly ours: number;
  readonly reference?: number;
  readonly pass?: boolean;
}

/** Random bytes, so that nothing on the way can make them fewer. */
function makeBlob(): string {
  const hash = createHash("sha256");
  const out = openSync(file, "w");
  const part = randomBytes(16 * 1024 * 1024);
  for (let written = 0; written < size; written += part.length) {
    part.writeUInt32LE(written / part.length, 0);
    const rest = part.subarray(0, Math.min(part.length, size - written));
    hash.update(rest);
    writeSync(out, rest);
  }
  closeSync(out);
  return `sha256:${hash.digest("hex")}`;
}

/** Seconds of processor that a process has used. */
function processorTime(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]!.split(" ");
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

const status = (pid: number, field: string): number =>
  Number(new RegExp(`${field}:\\s+(\\d+)`).exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]) / 1024;

const agent = new Agent({ keepAlive: true });

function send(
  host: string,
  method: string,
  path: string,
  body?: string | Buffer,
  type = "application/octet-stream",
) {
  return new Promise<{ status: number; location: string; body: string }>((resolve, reject) => {
    const url = path.startsWith("http") ? path : `http://${host}${path}`;
    const length = { "content-length": Buffer.byteLength(body ?? "") };
    const sent = request(url, { method, agent, headers: { ...length, "content-type": type } }, (answer) => {
      const chunks: Buffer[] = [];
      answer.on("data", (chunk: Buffer) => chunks.push(chunk));
      answer.on("end", () =>
        resolve({
          status: answer.statusCode ?? 0,
          location: answer.headers.location ?? "",
          body: Buffer.concat(chunks).toString(),
        }),
      );
    });
    sent.on("error", reject);
    sent.end(body);
  });
}

const withDigest = (location: string, digest: string): string =>
  `${location}${location.includes("?") ? "&" : "?"}digest=${digest}`;

/** curl moves the bytes: it costs both sides the same, and less than either registry. */
async function curl(...args: string[]): Promise<void> {
  const code = await output("curl", ["-s", "-o", "/dev/null", "-w", "%{http_code}", ...args], {
    timeout: 300_000,
  });
  if (code !== "200" && code !== "201") throw new Error(`curl ${args.join(" ")}: ${code}`);
}

interface Transfer {
  readonly seconds: number;
  readonly processor: number;
}

async function timed(pid: number, action: () => Promise<void>): Promise<Transfer> {
  const before = processorTime(pid);
  const started = performance.now();
  await action();
  return { seconds: (performance.now() - started) / 1000, processor: processorTime(pid) - before };
}

type Round = Readonly<Record<"push" | "pull", Transfer>>;

async function pushAndPull({ host, pid }: Subject, round: number, digest: string): Promise<Round> {
  const { location } = await send(host, "POST", `/v2/bench/r${round}/blobs/uploads/`);
  const url = withDigest(location.startsWith("/") ? `http://${host}${location}` : location, digest);
  const push = await timed(pid, () => curl("-T", file, "-H", "Content-Type: application/octet-stream", url));
  const pull = await timed(pid, () => curl(`http://${host}/v2/bench/r${round}/blobs/${digest}`));
  // each round stores it again
  await send(host, "DELETE", `/v2/bench/r${round}/blobs/${digest}`);
  return { push, pull };
}

async function pushSmall({ host }: Subject): Promise<string> {
  const put = async (content: string) => {
    const digest = `sha256:${createHash("sha256").update(content).digest("hex")}`;
    const { location } = await send(host, "POST", "/v2/bench/small/blobs/uploads/");
    await send(host, "PUT", withDigest(location, digest), content);
    return { digest, size: content.length };
  };
  const config = { mediaType: MEDIA_TYPES.dockerConfig, ...(await put('{"os":"linux"}')) };
  const layers = [{ mediaType: MEDIA_TYPES.dockerLayerGzip, ...(await put("layer")) }];
  const mediaType = MEDIA_TYPES.dockerManifest;
  return JSON.stringify({ schemaVersion: 2, mediaType, config, layers });
}

async function putTag({ host }: Subject, tag: string, manifest: string): Promise<void> {
  const { status: code } = await send(
    host,
    "PUT",
    `/v2/bench/small/manifests/${tag}`,
    manifest,
    MEDIA_TYPES.dockerManifest,
  );
  if (code !== 201) throw new Error(`the manifest was not taken: ${code}`);
}

async function putTags(subject: Subject, manifest: string): Promise<void> {
  const left = Array.from({ length: tagCount }, (_, at) => `tag-${at}`);
  const worker = async () => {
    for (let tag = left.pop(); tag; tag = left.pop()) await putTag(subject, tag, manifest);
  };
  await Promise.all(Array.from({ length: 8 }, worker));
}

/** Requests a second of 200 connections that ask for one manifest. */
async function requestsPerSecond({ host }: Subject): Promise<number> {
  const accept = `Accept: ${MEDIA_TYPES.dockerManifest}`;
  const url = `http://${host}/v2/bench/small/manifests/latest`;
  const { stdout } = await execute("wrk", ["-t1", "-c200", "-d5s", "-H", accept, url]);
  return Number(/Requests\/sec:\s+([\d.]+)/.exec(stdout)?.[1]);
}

async function tagsList({ host }: Subject): Promise<number> {
  const started = performance.now();
  const { body } = await send(host, "GET", "/v2/bench/small/tags/list");
  const took = performance.now() - started;
  const { tags } = JSON.parse(body) as { tags: string[] };
  if (tags.length !== tagCount + 1) throw new Error(`${tags.length} tags are listed`);
  return took;
}

async function measure(ours: Subject, theirs: Subject): Promise<readonly Row[]> {
  const digest = makeBlob();
  // the file is in the page cache for both
  for await (const _chunk of createReadStream(file, { highWaterMark: 4 * 1024 * 1024 }));
  const measured: { readonly ours: Round[]; readonly theirs: Round[] } = { ours: [], theirs: [] };
  for (let round = 0; round < rounds; round++) {
    // what one leaves to the disk the next has to wait for: each goes first as often as the other
    const first = round % 2 === 0 ? ours : theirs;
    for (const subject of [first, first === ours ? theirs : ours])
      (subject === ours ? measured.ours : measured.theirs).push(await pushAndPull(subject, round, digest));
  }
  const rows: Row[] = [];
  const megabytes = `${Math.round(size / 1024 ** 2)} MiB`;
  for (const way of ["push", "pull"] as const) {
    for (const [what, field] of [
      ["time", "seconds"],
      ["processor", "processor"],
    ] as const) {
      const [one, other] = [measured.ours, measured.theirs].map((list) =>
        median(list.map((entry) => entry[way][field])),
      );
      rows.push({
        name: `${way} of a blob of ${megabytes}, ${what}`,
        unit: "s",
        ours: one!,
        reference: other!,
        pass: one! <= other!,
      });
    }
  }
  const manifest = await pushSmall(ours);
  await pushSmall(theirs);
  for (const subject of [ours, theirs]) await putTag(subject, "latest", manifest);
  rows.push(await compareLoad(ours, theirs));
  for (const subject of [ours, theirs]) await putTags(subject, manifest);
  const lists = { ours: [] as number[], theirs: [] as number[] };
  for (let round = 0; round < 9; round++) {
    lists.ours.push(await tagsList(ours));
    lists.theirs.push(await tagsList(theirs));
  }
  const own = median(lists.ours);
  rows.push({
    name: `list of ${tagCount} tags (limit 50)`,
    unit: "ms",
    ours: own,
    reference: median(lists.theirs),
    pass: own < 50,
  });
  const peak = status(ours.pid, "VmHWM");
  rows.push({
    name: "most memory in all of this (limit 200)",
    unit: "MB",
    ours: peak,
    reference: status(theirs.pid, "VmHWM"),
    pass: peak < 200,
  });
  return rows;
}

async function compareLoad(ours: Subject, theirs: Subject): Promise<Row> {
  const rates = { ours: [] as number[], theirs: [] as number[] };
  for (let round = 0; round < 3; round++) {
    rates.ours.push(await requestsPerSecond(ours));
    rates.theirs.push(await requestsPerSecond(theirs));
  }
  const [one, other] = [median(rates.ours), median(rates.theirs)];
  return {
    name: "manifests by 200 connections (wrk)",
    unit: "/s",
    ours: one,
    reference: other,
    pass: one >= other,
  };
}

function print(rows: readonly Row[]): void {
  const show = (value: number | undefined, unit: string) =>
    value === undefined ? "-" : `${value.toFixed(unit === "s" ? 2 : 1)} ${unit}`;
  const cells = rows.map(({ name, unit, ours, reference, pass }) => [
    name,
    show(ours, unit),
    show(reference, unit),
    reference === undefined ? "-" : (ours / reference).toFixed(2),
    pass === undefined ? "-" : pass ? "pass" : "FAIL",
  ]);
  console.log(formatTable(["", "wharf", "docker-registry", "ratio", ""], cells));
}

const lacking = noRegistry ?? ["wrk", "curl"].find((program) => spawnSync("which", [program]).status !== 0);
if (lacking) {
  console.log(`not measured: ${lacking} is missing`);
  process.exit(0);
}
try {
  await using ours = await RegistryProcess.start();
  await using theirs = await startRegistry();
  const rows = await measure(ours, theirs);
  print(rows);
  const results = join(import.meta.dirname, "../results");
  await mkdir(results, { recursive: true });
  const time = new Date().toISOString();
  const machine = { kernel: release(), cpus: cpus().length, model: cpus()[0]?.model };
  const path = join(results, `registry-${time.slice(0, 19).replaceAll(":", "")}.json`);
  await writeFile(
    path,
    `${JSON.stringify({ time, machine, node: process.version, rounds, rows }, null, 2)}\n`,
  );
  console.log(`kept in ${path}`);
} finally {
  agent.destroy();
  rmSync(folder, { recursive: true, force: true });
}
