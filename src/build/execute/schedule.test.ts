import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { parseDockerfile } from "../dockerfile/index.ts";
import { GlobalArgs, planStages } from "../plan/index.ts";
import { runStages } from "./schedule.ts";

const platform = { os: "linux", architecture: "amd64" };
const dockerfile = parseDockerfile(
  "FROM a AS z\nFROM z AS l\nRUN x\nFROM b AS r\nFROM scratch\nCOPY --from=l / /\nCOPY --from=r / /",
  "Dockerfile",
);
const { stages } = planStages(dockerfile, {
  target: "",
  globals: new GlobalArgs([], {}, { build: platform, target: platform }, "\\"),
});

describe("running stages", () => {
  it("starts all that are ready and waits for what they need", async () => {
    const log: string[] = [];
    const gates = new Map(stages.map(({ index }) => [index, Promise.withResolvers<void>()]));
    const run = async ({ index }: { readonly index: number }) => {
      log.push(`+${index}`);
      await gates.get(index)!.promise;
      log.push(`-${index}`);
      return index;
    };
    const done = runStages(stages, run, new AbortController().signal);
    for (const index of [2, 1, 0, 3]) {
      await new Promise((resolve) => setImmediate(resolve));
      gates.get(index)?.resolve();
    }
    assert.deepEqual([...(await done).keys()].sort(), [0, 1, 2, 3]);
    assert.deepEqual(log.slice(0, 2), ["+0", "+2"]);
    assert.ok(log.indexOf("+1") > log.indexOf("-0"));
    assert.equal(log.at(-2), "+3");
  });

  it("stops the others at the first failure, and throws it after they ended", async () => {
    let ended = false;
    const run = async ({ index }: { readonly index: number }, signal: AbortSignal) => {
      if (index === 2) throw new Error("broken");
      await new Promise<void>((resolve) => signal.addEventListener("abort", () => setImmediate(resolve)));
      ended = true;
    };
    await assert.rejects(runStages(stages, run, new AbortController().signal), /broken/);
    assert.ok(ended);
  });
});
