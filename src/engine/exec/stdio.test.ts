import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { OutputChunk, Stdio } from "../../runtime/index.ts";
import { attached } from "./stdio.ts";

const EVERYTHING = { stdin: true, stdout: true, stderr: true };

/** A process that has said one word and says nothing more until it is left. */
function quiet(): Stdio {
  const { promise: left, resolve: close } = Promise.withResolvers<void>();
  const nothing = async () => undefined;
  async function* output(): AsyncGenerator<OutputChunk> {
    yield { stream: "stdout", data: Buffer.from("word") };
    await left;
  }
  return { output, write: nothing, end: nothing, close };
}

describe("the output of an exec", () => {
  it("ends after the exit code is known", async () => {
    const { promise: ended, resolve: end } = Promise.withResolvers<void>();
    const stdio = quiet();
    const output = attached(stdio, EVERYTHING, ended).output[Symbol.asyncIterator]();
    assert.equal((await output.next()).done, false);
    let known = false;
    const last = output.next().then(({ done }) => [done, known]);
    stdio.close();
    await new Promise(setImmediate);
    known = true;
    end();
    assert.deepEqual(await last, [true, true]);
  });

  it("ends at once for a client that detaches, though the process runs on", async () => {
    const exec = attached(quiet(), EVERYTHING, new Promise(() => undefined));
    const output = exec.output[Symbol.asyncIterator]();
    await output.next();
    const last = output.next();
    exec.close();
    assert.equal((await last).done, true);
  });
});
