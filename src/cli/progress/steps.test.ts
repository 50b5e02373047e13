import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Screen } from "../tty/style.ts";
import { createSteps } from "./steps.ts";

function recorder(kind: Pick<Screen, "live" | "colour">) {
  const written: string[] = [];
  let time = 0;
  const steps = createSteps({ ...kind, fd: 2, write: (text) => written.push(String(text)) }, () => time);
  return { steps, written, pass: (ms: number) => (time += ms) };
}

describe("steps", () => {
  it("prints one plain line a step when nobody can see it being redrawn", async () => {
    const { steps, written, pass } = recorder({ live: false, colour: false });
    await steps.run(
      "build",
      async () => {
        pass(12.4);
        return 3;
      },
      (count) => `${count} layers`,
    );
    assert.deepEqual(written, [`  ✓ ${"build".padEnd(34)}     12 ms   3 layers\n`]);
  });

  it("draws over the running line on a terminal", async () => {
    const { steps, written, pass } = recorder({ live: true, colour: false });
    await steps.run("build", async (note) => {
      note("step 1");
      pass(1500);
    });
    assert.deepEqual(written, [
      "\r\x1b[K  … build",
      "\r\x1b[K  … build: step 1",
      `\r\x1b[K  ✓ ${"build".padEnd(34)}    1.50 s\n`,
    ]);
  });

  it("marks a failed step with its reason and lets the failure through", async () => {
    const { steps, written } = recorder({ live: false, colour: false });
    await assert.rejects(
      steps.run("fetch", async () => Promise.reject(new Error("no answer\ndetails"))),
      /no answer/,
    );
    assert.match(written[0] ?? "", /✗ fetch .*no answer\n$/);
  });
});
