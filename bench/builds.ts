/**
 * Builds, paired with a real Docker engine and buildah where they are:
 * `scripts/node bench/builds.ts [--rounds=5] [--files=20000] [--megabytes=500]`.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { basename, join } from "node:path";
import { parseArgs } from "node:util";
import { execute, withoutDocker, withoutRoot } from "../test/support/docker-cli.ts";
import { unmountAll } from "../test/support/leftovers.ts";
import { startEngine } from "../test/support/wharfd.ts";
import { measureHashing, serveNoBuilds, tellHashing } from "./build-hashing.ts";
import { findReference, type Reference, startReference } from "./reference.ts";
import { drawTable, type Row } from "./report.ts";
import { median, ninthDecile } from "./statistics.ts";

const { values } = parseArgs({
  options: {
    rounds: { type: "string", default: "5" },
    files: { type: "string", default: "20000" },
    megabytes: { type: "string", default: "500" },
  },
});
const [rounds, files, megabytes] = [values.rounds, values.files, values.megabytes].map(Number) as [
  number,
  number,
  number,
];

/** Of the time that the cores allow: what is not computing cannot be shared out. */
const SCALING_SLACK = 1.25;

type Env = Readonly<Record<string, string>>;
interface Case {
  readonly name: string;
  readonly folder: string;
  readonly flags: readonly string[];
  readonly rounds: number;
  readonly limit?: number;
  readonly ratioLimit?: number;
  /** The time of one of so many equal steps is what counts. */
  readonly steps?: number;
}

const missing = withoutRoot || withoutDocker;
if (missing) {
  console.log(`not measured: ${missing}`);
  process.exit(0);
}
const root = mkdtempSync(join(tmpdir(), "wharf-bench-"));

function context(name: string, dockerfile: string): string {
  const folder = join(root, name);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "Dockerfile"), dockerfile);
  return folder;
}

/** Many files whose content compresses badly, a hundred folders of them. */
function largeContext(): string {
  const folder = context("large", "FROM scratch\nCOPY . /x\n");
  const size = Math.floor((megabytes * 2 ** 20) / files);
  const bytes = Buffer.alloc(size + files);
  for (let at = 0, state = 1; at < bytes.length; at++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    bytes[at] = state >>> 24;
  }
  for (let file = 0; file < files; file++) {
    if (file < 100) mkdirSync(join(folder, `d${file}`));
    writeFileSync(join(folder, `d${file % 100}`, `f${file}`), bytes.subarray(file, file + size));
  }
  return folder;
}

const lines = (count: number, line: (index: number) => string): string =>
  Array.from({ length: count }, (_, index) => line(index)).join("\n");
const computing = (index: number) =>
  `FROM busybox AS s${index}\nRUN i=0; while [ $i -lt 200000 ]; do i=$((i+1)); done; echo ${index} > /s`;
const joined = lines(4, (index) => `COPY --from=s${index} /s /s${index}`);
const ONE_STAGE: Case = {
  name: "1 stage that computes",
  folder: context("single", `${computing(0)}\nFROM busybox\nCOPY --from=s0 /s /s0\n`),
  flags: ["--no-cache"],
  rounds,
};
const FOUR_STAGES: Case = {
  name: "4 of them side by side",
  folder: context("diamond", `${lines(4, computing)}\nFROM busybox\n${joined}\n`),
  flags: ["--no-cache"],
  rounds,
};
const LARGE: Case = {
  name: `${megabytes} MB of ${files} files, cached`,
  folder: largeContext(),
  flags: [],
  rounds: 3,
};
const cases: readonly Case[] = [
  {
    name: "8 steps, all cached",
    folder: context("eight", `FROM busybox\n${lines(8, (index) => `RUN echo ${index} > /f${index}`)}\n`),
    flags: [],
    rounds: 4 * rounds,
    limit: 40,
  },
  {
    name: "one RUN of ten, start to layer",
    folder: context("runs", `FROM busybox\n${lines(10, (index) => `RUN echo ${index} > /f${index}`)}\n`),
    flags: ["--no-cache", "--network=none"],
    rounds,
    steps: 10,
    limit: 60,
  },
  ONE_STAGE,
  FOUR_STAGES,
  {
    name: "50 instructions",
    folder: context(
      "fifty",
      `FROM busybox\n${lines(25, (index) => `ENV V${index}=1\nRUN echo ${index} > /f${index}`)}\n`,
    ),
    flags: ["--no-cache"],
    rounds: Math.max(1, Math.floor(rounds / 2)),
  },
  LARGE,
];

async function build(env: Env, { folder, flags, steps = 1 }: Case): Promise<number> {
  const started = performance.now();
  const { code, stderr } = await execute("docker", ["build", "-q", ...flags, folder], {
    env,
    timeout: 600_000,
  });
  if (code !== 0) throw new Error(`the build failed: ${stderr}`);
  return (performance.now() - started) / steps;
}

/** buildah shares nothing with a daemon: layers of its own, and no cache unless asked. */
async function buildahTime({ name, folder, flags, steps = 1 }: Case): Promise<number | undefined> {
  const started = performance.now();
  // Without a network, which is to its advantage: it makes one of its own only where CNI is installed.
  const own = ["--runtime=runc", "--network=none"];
  const layers = flags.includes("--no-cache") ? ["--layers", "--no-cache"] : ["--layers"];
  const args = [
    "--root",
    join(root, "buildah"),
    "--runroot",
    join(root, "run"),
    "bud",
    "-q",
    ...layers,
    ...own,
    folder,
  ];
  const outcome = await execute("buildah", args, { timeout: 600_000 }).catch(() => undefined);
  if (outcome?.code === 0) return (performance.now() - started) / steps;
  console.log(
    `buildah, ${name}: not measured: ${outcome?.stderr.trim().split("\n").at(-1) ?? "not installed"}`,
  );
  return undefined;
}

async function loadForBuildah(archive: string): Promise<void> {
  const args = [
    "--root",
    join(root, "buildah"),
    "--runroot",
    join(root, "run"),
    "pull",
    "-q",
    `docker-archive:${archive}`,
  ];
  const outcome = await execute("buildah", args).catch(() => undefined);
  if (outcome?.code !== 0) console.log(`without buildah: ${outcome?.stderr.trim() ?? "it is not installed"}`);
}

async function measure(one: Case, ours: Env, theirs: Env | undefined): Promise<Row> {
  const [mine, others, third]: [number[], number[], number[]] = [[], [], []];
  for (let round = -1; round < one.rounds; round++) {
    const pair = [
      await build(ours, one),
      theirs && (await build(theirs, one)),
      await buildahTime(one),
    ] as const;
    if (round < 0) continue; // the first fills the caches
    mine.push(pair[0]);
    if (pair[1] !== undefined) others.push(pair[1]);
    if (pair[2] !== undefined) third.push(pair[2]);
  }
  if (third.length > 0) console.log(`buildah, ${one.name}: ${median(third).toFixed(1)} ms`);
  const { name, limit, ratioLimit } = one;
  const reference = others.length > 0 ? median(others) : undefined;
  return {
    name,
    unit: "ms",
    ours: median(mine),
    oursP90: ninthDecile(mine),
    reference,
    limit,
    ratioLimit,
  } as Row;
}

/** How much longer four stages take than one: with enough cores for all of them, not at all. */
function tellScaling(rows: readonly Row[]): string {
  const [one, four] = [ONE_STAGE, FOUR_STAGES].map(({ name }) => rows.find((row) => row.name === name));
  if (!one || !four) return "";
  const cores = availableParallelism();
  const ratio = four.ours / one.ours;
  const best = Math.ceil(4 / cores);
  const theirs =
    one.reference && four.reference
      ? `, ${(four.reference / one.reference).toFixed(2)} with the reference`
      : "";
  const verdict = ratio <= best * SCALING_SLACK ? "pass" : "FAIL";
  return `4 stages take ${ratio.toFixed(2)} times as long as one${theirs}; ${cores} cores allow ${best}: ${verdict}`;
}

/** What the docker command itself takes for the large context. */
async function commandAlone(env: Env): Promise<Row> {
  const server = await serveNoBuilds(join(root, "nothing.sock"));
  const times: number[] = [];
  try {
    for (let round = 0; round < LARGE.rounds; round++)
      times.push(await build({ ...env, DOCKER_HOST: server.host }, LARGE));
  } finally {
    server.close();
  }
  return { name: "... of a server that only reads it", unit: "ms", ours: median(times) };
}

async function openReference(): Promise<Reference | undefined> {
  const found = findReference();
  if (!("missing" in found)) return startReference(found.command);
  console.log(`without a reference: ${found.missing}`);
  return undefined;
}

try {
  await using reference = await openReference();
  await using engine = await startEngine({ direct: true });
  const archive = join(engine.folder, "busybox.tar");
  if (reference) await execute("docker", ["load", "-i", archive], { env: reference.env });
  await loadForBuildah(archive);
  const rows: Row[] = [];
  for (const one of cases) rows.push(await measure(one, engine.clientEnv, reference?.env));
  rows.push(await commandAlone(engine.clientEnv));
  console.log(`\n${drawTable(rows)}\n${tellScaling(rows)}`);
  console.log(tellHashing(await measureHashing(LARGE.folder, root, rounds)));
} finally {
  // buildah leaves its storage mounted.
  await unmountAll(basename(root));
  rmSync(root, { recursive: true, force: true });
}
