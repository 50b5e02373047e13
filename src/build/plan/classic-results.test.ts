import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import type { ImageProcessConfig } from "../../oci/index.ts";
import { parseDockerfile } from "../dockerfile/index.ts";
import { type BuildArgs, GlobalArgs, planStages, planSteps } from "./index.ts";

interface Case {
  readonly dockerfile: string;
  readonly buildArgs?: BuildArgs;
  readonly steps: number;
  readonly config: ImageProcessConfig;
  readonly history: readonly string[];
}

/**
 * What Docker 20.10 made of these Dockerfiles (`docker build`, then `docker save`), fields without meaning for us left
 * out. Two results differ on purpose: HEALTHCHECK NONE leaves no times behind, and --chown is followed by a space.
 */
const results = JSON.parse(readFileSync(join(import.meta.dirname, "classic-results.json"), "utf8")) as {
  readonly base: ImageProcessConfig;
  readonly cases: Readonly<Record<string, Case>>;
};
const platform = { os: "linux", architecture: "amd64" };

function plan({ dockerfile: text, buildArgs = {} }: Case) {
  const dockerfile = parseDockerfile(text, "Dockerfile");
  const globals = new GlobalArgs(
    dockerfile.globalArgs,
    buildArgs,
    { build: platform, target: platform },
    dockerfile.directives.escapeToken,
  );
  const graph = planStages(dockerfile, { target: "", globals });
  const follow = (index: number): { config: ImageProcessConfig; history: readonly string[] } => {
    const planned = dockerfile.stages[index] && graph.stages.find((stage) => stage.index === index);
    assert.ok(planned);
    const before =
      planned.base.kind === "stage" ? follow(planned.base.index) : { config: results.base, history: [] };
    const { start, steps } = planSteps({
      dockerfile,
      globals,
      planned,
      base: before.config,
      labels: {},
      defaultNetwork: "default",
      allowInsecure: false,
    });
    const history = [...before.history, ...steps.map((step) => step.createdBy)];
    return { config: steps.at(-1)?.config ?? start, history };
  };
  const steps = graph.stages.reduce(
    (sum, { stage }) => sum + 1 + stage.instructions.length,
    dockerfile.globalArgs.length,
  );
  return { ...follow(graph.target), steps, isWhole: graph.stages.length === dockerfile.stages.length };
}

const meaningful = (config: ImageProcessConfig) =>
  Object.fromEntries(Object.entries(config).filter(([, value]) => value !== null && value !== ""));

describe("the plan of a Dockerfile, against Docker's own results", () => {
  for (const [name, result] of Object.entries(results.cases)) {
    it(name, () => {
      const { config, history, steps, isWhole } = plan(result);
      assert.deepEqual(meaningful(config), result.config);
      assert.deepEqual(history, result.history);
      if (isWhole) assert.equal(steps, result.steps);
    });
  }
});
