import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { describe, it } from "node:test";
import { execute, withoutRoot } from "../support/docker-cli.ts";
import { startEngine } from "../support/wharfd.ts";

const withoutClient =
  spawnSync("python3", ["-c", "import docker"]).status === 0
    ? false
    : "needs Docker's Python client (Debian's python3-docker)";

describe("Docker's Python client", { skip: withoutRoot || withoutClient }, () => {
  it("attaches, executes, reads logs and stats, and copies", async () => {
    // The client reads answers with a buffered reader: what stands in between must not join an answer and its output.
    await using engine = await startEngine({ direct: true });
    const program = join(import.meta.dirname, "python-docker.py");
    const { code, stdout, stderr } = await execute("python3", [program], {
      env: { DOCKER_HOST: engine.host },
      timeout: 120_000,
    });
    assert.deepEqual({ code, stdout, stderr }, { code: 0, stdout: "done\n", stderr: "" });
  });
});
