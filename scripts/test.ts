/**
 * Runs test suites one after the other and adds them up: `scripts/test [SUITE|FILE]...`. Output of a suite is node:test's
 * own; the last lines are its closing summary over all suites.
 */
import { join, relative, resolve } from "node:path";
import { finished } from "node:stream/promises";
import { run } from "node:test";
import { spec } from "node:test/reporters";
import { linuxKernel } from "../src/kernel/index.ts";
import { filesOf, SUITES, type Suite } from "./test-runner/suites.ts";

interface Counts {
  tests: number;
  suites: number;
  passed: number;
  failed: number;
  cancelled: number;
  skipped: number;
  todo: number;
}
interface Outcome {
  readonly suite: string;
  readonly counts: Counts;
  readonly ms: number;
  readonly ok: boolean;
}

const checkout = join(import.meta.dirname, "..");
const none = (): Counts => ({ tests: 0, suites: 0, passed: 0, failed: 0, cancelled: 0, skipped: 0, todo: 0 });

async function runSuite(suite: Suite, files: readonly string[]): Promise<Outcome> {
  console.log(`\n=== ${suite.name}: ${suite.purpose} (${files.length} files)`);
  const started = performance.now();
  const counts = none();
  let ok = true;
  const events = run({
    cwd: checkout,
    files: files.map((file) => join(checkout, file)),
    concurrency: suite.concurrency,
    timeout: suite.timeout,
  });
  events.on("test:summary", (summary) => {
    if (summary.file !== undefined) return;
    Object.assign(counts, { ...summary.counts, tests: summary.counts.tests ?? 0 });
    ok = summary.success;
  });
  const report = events.compose(new spec());
  report.pipe(process.stdout, { end: false });
  await finished(report, { writable: false });
  return {
    suite: suite.name,
    counts,
    ms: performance.now() - started,
    ok: ok && counts.failed + counts.cancelled === 0,
  };
}

/** Suites by name, or one made of the files that were named. */
function chosen(names: readonly string[]): readonly (readonly [Suite, readonly string[]])[] {
  const named = SUITES.filter(({ name }) => names.length === 0 || names.includes(name));
  const suites = named.map((suite) => [suite, filesOf(suite, checkout)] as const);
  const paths = names.filter((name) => !SUITES.some((suite) => suite.name === name));
  if (paths.length === 0) return suites;
  const unknown = paths.filter((path) => !path.endsWith(".test.ts"));
  if (unknown.length > 0) {
    throw new Error(
      `no such suite: ${unknown.join(", ")}; there are ${SUITES.map(({ name }) => name).join(", ")}, bench, or a test file`,
    );
  }
  const files = paths.map((path) => relative(checkout, resolve(path)));
  return [
    ...suites,
    [{ name: "named files", purpose: "as asked for", patterns: [], concurrency: 1, timeout: 180_000 }, files],
  ];
}

function printSummary(outcomes: readonly Outcome[]): void {
  const total = none();
  console.log("\n=== summary");
  for (const { suite, counts, ms, ok } of outcomes) {
    for (const key of Object.keys(total) as (keyof Counts)[]) total[key] += counts[key];
    const numbers = `${counts.passed} passed, ${counts.failed + counts.cancelled} failed, ${counts.skipped} skipped`;
    console.log(
      `${ok ? "ok    " : "FAILED"}  ${suite.padEnd(12)} ${numbers.padEnd(40)} ${(ms / 1000).toFixed(1)} s`,
    );
  }
  const duration = outcomes.reduce((sum, { ms }) => sum + ms, 0);
  const lines = {
    tests: total.tests,
    suites: total.suites,
    pass: total.passed,
    fail: total.failed,
    cancelled: total.cancelled,
    skipped: total.skipped,
    todo: total.todo,
    duration_ms: duration,
  };
  for (const [name, value] of Object.entries(lines)) console.log(`ℹ ${name} ${value}`);
}

// Where the machine's first process waits for nobody (npm, in a bare container), what tests leave below a container would
// keep its PID namespace from ending.
linuxKernel().children.adoptOrphans();

const outcomes: Outcome[] = [];
for (const [suite, files] of chosen(process.argv.slice(2))) {
  if (files.length > 0) outcomes.push(await runSuite(suite, files));
}
printSummary(outcomes);
process.exit(outcomes.every(({ ok }) => ok) ? 0 : 1);
