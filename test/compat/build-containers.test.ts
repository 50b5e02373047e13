import assert from "node:assert/strict";
import { join } from "node:path";
import { describe, it } from "node:test";
import { findReference, startReference } from "../../bench/reference.ts";
import { BUILDS, remains } from "../support/build-remains.ts";
import { execute, withoutDocker, withoutRoot } from "../support/docker-cli.ts";
import { startEngine } from "../support/wharfd.ts";

const found = findReference();
const skip = withoutDocker || withoutRoot || ("missing" in found ? found.missing : false);

describe("containers of a build's commands here and with Docker's engine", { skip }, () => {
  it("are the same", async () => {
    if ("missing" in found) return;
    await using reference = await startReference(found.command);
    await using engine = await startEngine({ direct: true });
    const archive = join(engine.folder, "busybox.tar");
    await execute("docker", ["load", "-i", archive], { env: { ...reference.env } });
    for (const [name, dockerfile, flags] of BUILDS) {
      const theirs = await remains(reference.env, dockerfile, flags);
      assert.deepEqual(await remains(engine.clientEnv, dockerfile, flags), theirs, name);
    }
  });
});
