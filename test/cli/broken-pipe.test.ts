import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { execute, withoutRoot } from "../support/docker-cli.ts";
import { type EngineUnderTest, startEngine } from "../support/wharfd.ts";
import { playOnTerminal, withoutPython } from "./play.ts";

const wharf = join(import.meta.dirname, "../../wharf");
/** What a shell gives for a program that SIGPIPE has ended. */
const BROKEN_PIPE = 141;

describe("wharf whose reader goes away", { skip: withoutRoot }, () => {
  let engine: EngineUnderTest;
  before(async () => {
    engine = await startEngine();
    await engine.ok("run", "--name", "much", "busybox", "seq", "200000");
    await engine.ok(
      "run",
      "-d",
      "--name",
      "on",
      "busybox",
      "sh",
      "-c",
      "while :; do echo tick; sleep 0.1; done",
    );
  });
  after(() => engine[Symbol.asyncDispose]());

  /** A pipeline of bash; gives the codes of its programs behind what the last of them printed. */
  const pipeline = async (line: string) => {
    const script = `${line}; echo "\${PIPESTATUS[@]}"`;
    const { stdout, stderr } = await execute("bash", ["-c", script], {
      env: { WHARF_HOST: engine.host, wharf },
    });
    return { said: stdout.trimEnd().split("\n"), stderr };
  };

  for (const [command, first] of [
    ["logs much", "1"],
    ["logs -f on", "tick"],
    ["logs -f much on", "much | 1"],
    ["start -a much", "1"],
    ["run --rm busybox seq 200000", "1"],
    ["exec on seq 200000", "1"],
    ["attach --no-stdin on", "tick"],
  ] as const)
    it(`ends without a word (${command})`, async () => {
      const { said, stderr } = await pipeline(`$wharf ${command} | head -1`);
      assert.equal(stderr, "");
      assert.match(said[0] ?? "", new RegExp(`${first.replaceAll("|", "\\|").replaceAll(" ", " *")}$`));
      assert.equal(said[1], `${BROKEN_PIPE} 0`);
    });

  it("ends when stdout is closed for writing from the beginning", async () => {
    const { said, stderr } = await pipeline("$wharf save busybox | true");
    assert.equal(stderr, "");
    assert.deepEqual(said, [`${BROKEN_PIPE} 0`]);
  });

  it("leaves its terminal as it was", { skip: withoutPython }, async () => {
    const line = `${wharf} logs -f on | head -1`;
    const { output, restored } = await playOnTerminal(["/bin/bash", "-c", line], [{ expect: "tick" }], {
      WHARF_HOST: engine.host,
    });
    assert.equal(output, "tick\r\n");
    assert.ok(restored);
  });
});
