import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { describe, it } from "node:test";
import { run } from "./process.ts";

describe("a program of the firewall", () => {
  it("that cannot be run for want of descriptors is a failure of its own, not the end of the process", () => {
    const script = `
      import { openSync } from "node:fs";
      const { run } = await import(${JSON.stringify(`${import.meta.dirname}/process.ts`)});
      try { for (;;) openSync("/dev/null"); } catch (error) { if (error.code !== "EMFILE") throw error; }
      const failed = await run("true", []).catch((error) => error.message);
      await new Promise((resolve) => setImmediate(resolve));
      process.stdout.write(failed);
    `;
    const limited = 'ulimit -n 64; exec "$0" --input-type=module -e "$1"';
    const text = execFileSync("sh", ["-c", limited, process.execPath, script], {
      encoding: "utf8",
      stdio: "pipe",
    });
    assert.equal(text, "cannot run true");
  });

  it("that hangs is killed, and what waits for it goes on", { timeout: 10_000 }, async () => {
    await assert.rejects(run("sleep", ["1000"], "", 20), { message: /^sleep did not end within 0.02 s/ });
  });
});
