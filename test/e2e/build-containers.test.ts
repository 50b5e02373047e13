import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { BUILDS, GOOD, remains } from "../support/build-remains.ts";
import { execute, withoutDocker, withoutRoot } from "../support/docker-cli.ts";
import { until } from "../support/until.ts";
import { type EngineUnderTest, startEngine } from "../support/wharfd.ts";

describe("containers of a build's commands", { skip: withoutRoot || withoutDocker }, () => {
  let engine: EngineUnderTest;
  before(async () => {
    engine = await startEngine();
  });
  after(() => engine[Symbol.asyncDispose]());

  for (const [name, dockerfile, flags, kept] of BUILDS) {
    it(`${name}: ${kept} stay`, async () => {
      const left = await remains(engine.clientEnv, dockerfile, flags);
      assert.equal(left.shown.length, kept);
      assert.equal(left.removed, 0);
      assert.deepEqual(await readdir(join(engine.dataRoot, "build/builds")), []);
    });
  }

  it("are whole containers, and the cache does not need them", async () => {
    const dockerfile =
      'FROM busybox\nENTRYPOINT ["/bin/false"]\nENV A=b\nWORKDIR /w\nRUN echo "$A" >>f; cat f\n';
    const flags = ["--memory=64m", "--label=by=test"];
    await engine.docker(["build", "-t", "kept", "--rm=false", ...flags, "-"], { input: dockerfile });
    const [id = ""] = (await engine.ok("ps", "-aq")).split("\n");
    assert.equal(
      await engine.ok("inspect", "-f", "{{.State.Running}} {{.Config.WorkingDir}}", id),
      "false /w",
    );
    assert.equal(await engine.ok("ps", "-lq", "--filter", "label=by=test"), id);
    assert.equal(await engine.ok("inspect", "-f", "{{.HostConfig.Memory}}", id), String(64 * 2 ** 20));
    assert.equal(await engine.ok("diff", id), "C /w\nA /w/f");
    await engine.ok("commit", id, "from-kept");
    assert.equal(await engine.ok("run", "--rm", "from-kept", "cat", "f"), "b");
    assert.equal(await engine.ok("start", "-a", id), "b\nb");
    await engine.ok("rm", id);
    const again = await engine.docker(["build", "-t", "kept", "-"], { input: dockerfile });
    assert.equal(again.stdout.match(/Using cache/g)?.length, 4);
    await engine.ok("rmi", "from-kept", "kept");
  });

  it("outlive the engine, and those of a build it was killed over do not", async () => {
    await engine.docker(["build", "--no-cache", "--rm=false", "-"], { input: GOOD });
    const kept = (await engine.ok("ps", "-aq")).split("\n");
    assert.equal(kept.length, 2);
    const build = engine.docker(["build", "--no-cache", "--rm=false", "-"], {
      input: `${GOOD}RUN echo x && sleep 100\n`,
    });
    await until("the last command runs", async () => (await snapshots()).length > kept.length);
    await engine.end("SIGKILL");
    await build;
    await engine.start();
    assert.deepEqual((await engine.ok("ps", "-aq")).split("\n"), kept);
    await until("its snapshots are gone", async () => (await snapshots()).length === kept.length);
    assert.equal(await engine.ok("start", "-a", kept[0] ?? ""), "");
    await engine.ok("rm", ...kept);
    assert.deepEqual(await snapshots(), []);
  });

  it("do not stay when the build is cancelled", async () => {
    const aborted = await execute("timeout", ["3", "docker", "build", "--no-cache", "--rm=false", "-"], {
      env: { ...engine.clientEnv },
      input: "FROM busybox\nRUN true\nRUN sleep 100\n",
    });
    assert.equal(aborted.code, 124);
    await until("nothing is left", async () => (await snapshots()).length === 0);
    assert.equal(await engine.ok("ps", "-aq"), "");
  });

  /** Writable ones: only they can be mounted. */
  async function snapshots(): Promise<readonly string[]> {
    const root = join(engine.dataRoot, "overlay2");
    const names = await readdir(root);
    return names.filter((name) => existsSync(join(root, name, "merged")));
  }
});
