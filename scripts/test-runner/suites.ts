import { globSync } from "node:fs";

/** A group of test files that are run together, in the order of this list. */
export interface Suite {
  readonly name: string;
  readonly purpose: string;
  readonly patterns: readonly string[];
  /** Test files at once. Kernel tests wait more than they compute, but share two cores with what they start. */
  readonly concurrency: number;
  /** Milliseconds one test may take before it counts as hung. */
  readonly timeout: number;
}

const minute = 60_000;

export const SUITES: readonly Suite[] = [
  {
    name: "unit",
    purpose: "logic, without root",
    patterns: [
      "src/**/*.test.ts",
      "scripts/**/*.test.ts",
      "test/support/**/*.test.ts",
      "test/corpus/**/*.test.ts",
      "bench/**/*.test.ts",
    ],
    concurrency: 3,
    timeout: minute,
  },
  {
    name: "integration",
    purpose: "the real kernel, runtime and monitor",
    patterns: [
      "src/**/*.integration.test.ts",
      "test/{kernel,runtime,network,image,volume,engine,daemon,api}/**/*.test.ts",
    ],
    concurrency: 2,
    timeout: 2 * minute,
  },
  {
    name: "contract",
    purpose: "the API against the published description",
    patterns: ["test/contract/**/*.test.ts"],
    concurrency: 2,
    timeout: minute,
  },
  {
    name: "e2e",
    purpose: "a whole engine, driven by docker and dockerode",
    patterns: ["test/e2e/**/*.test.ts", "test/cli/**/*.test.ts", "test/registry-web/**/*.test.ts"],
    concurrency: 2,
    timeout: 3 * minute,
  },
  {
    name: "interop",
    purpose: "beside a real Docker engine, which is one for all of these",
    patterns: ["test/compat/**/*.test.ts"],
    concurrency: 1,
    timeout: 3 * minute,
  },
];

/** Files of a suite, relative to the checkout. An integration test beside the source is no unit test. */
export function filesOf(suite: Suite, checkout: string): readonly string[] {
  const files = suite.patterns.flatMap((pattern) => globSync(pattern, { cwd: checkout }));
  const kept = suite.name === "unit" ? files.filter((file) => !file.endsWith(".integration.test.ts")) : files;
  return [...new Set(kept)].sort();
}
