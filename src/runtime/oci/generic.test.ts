import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { genericRuntime } from "./generic.ts";

describe("a runtime that forgets a container", () => {
  const states = mkdtempSync(join(tmpdir(), "wharf-states-"));
  after(() => rmSync(states, { recursive: true }));
  const refusing = (folder: string) =>
    genericRuntime({ name: "refusing", command: ["/bin/false"] }, join(states, folder), {});

  it("is not called where it knows nothing of it", async () => {
    await refusing("missing").discard("abc");
    mkdirSync(join(states, "other", "def"), { recursive: true });
    await refusing("other").discard("abc");
  });

  it("is called where its state is, however it names it", async () => {
    for (const name of ["abc", "abc_sandbox:abc.state"]) {
      mkdirSync(join(states, name, name), { recursive: true });
      await assert.rejects(refusing(name).discard("abc"), /OCI runtime delete failed/);
    }
  });
});
