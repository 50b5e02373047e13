import assert from "node:assert/strict";
import { randomInt } from "node:crypto";
import { existsSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { pack } from "tar-stream";
import { makeContext } from "../support/build-context.ts";
import { withoutDocker, withoutRoot } from "../support/docker-cli.ts";
import { until } from "../support/until.ts";
import { call, type EngineUnderTest, startEngine } from "../support/wharfd.ts";

/** The context of a build as a tar, made without a folder. */
async function archiveOf(files: Iterable<readonly [name: string, text: string]>): Promise<Buffer> {
  const archive = pack();
  for (const [name, text] of files) archive.entry({ name }, text);
  archive.finalize();
  return Buffer.concat(await Array.fromAsync(archive as AsyncIterable<Uint8Array>));
}

const numbers = (count: number): readonly number[] => Array.from({ length: count }, (_, index) => index);

describe("builds at their limits", { skip: withoutRoot || withoutDocker }, () => {
  let engine: EngineUnderTest;
  before(async () => {
    engine = await startEngine({ direct: true });
  });
  after(() => engine[Symbol.asyncDispose]());

  const post = async (query: string, body: Uint8Array) => {
    const answer = await call(engine.socket, "POST", `/build?${query}`, body);
    assert.equal(answer.status, 200, answer.body);
    return answer.body;
  };
  /** Folders of the layer store, and those of them that can be mounted. */
  async function stored() {
    const root = join(engine.dataRoot, "overlay2");
    const names = (await readdir(root)).filter((name) => name.length === 64);
    return {
      all: names.length,
      writable: names.filter((name) => existsSync(join(root, name, "merged"))).length,
    };
  }
  const mounts = async () =>
    (await readFile("/proc/self/mountinfo", "utf8"))
      .split("\n")
      .filter((line) => line.includes(`${engine.dataRoot}/`));

  it("are right after the engine was killed at any moment of them", async () => {
    const context = await makeContext(join(engine.folder, "killed"), {
      Dockerfile: `FROM busybox AS one
COPY data /data
RUN --network=none sleep 0.2; sha256sum /data/* >/sums
FROM busybox AS two
RUN --network=none --mount=type=cache,target=/c date >>/c/runs; sleep 0.3; echo two >/two
FROM busybox
COPY --from=one /sums /
COPY --from=two /two /
ADD data /added/
RUN --network=none cat /sums /two /added/a | sha256sum >/all; sleep 0.2
`,
      "data/a": "a".repeat(300_000),
      "data/b": "b".repeat(100),
    });
    const images = await engine.ok("images", "-aq");
    const clean = await stored();
    let made: string | undefined;
    for (let round = 0; round < 6; round++) {
      const build = engine.docker(["build", "--no-cache", context]);
      await sleep(randomInt(2500));
      await engine.end("SIGKILL");
      await build;
      await engine.start();
      await until("what was half made is gone", async () => (await stored()).writable === 0);
      assert.deepEqual(await mounts(), []);
      assert.equal(await engine.ok("ps", "-aq"), "");
      await engine.ok("build", "-t", "survivor", context);
      const all = await engine.ok("run", "--rm", "--network=none", "survivor", "cat", "/all");
      made ??= all;
      assert.equal(all, made);
    }
    await engine.ok("rmi", "survivor");
    await engine.ok("builder", "prune", "-af");
    await engine.ok("image", "prune", "-f");
    assert.equal(await engine.ok("images", "-aq"), images);
    await until("no layer is left", async () => (await stored()).all === clean.all);
  });

  it("end with the client in the middle of a command", async () => {
    const begun = Date.now();
    const { code } = await engine
      .docker(["build", "--no-cache", "-"], {
        input: "FROM busybox\nRUN trap '' TERM INT; sleep 1000\n",
        timeout: 2000,
      })
      .catch(() => ({ code: null }));
    assert.notEqual(code, 0);
    await until("the build is undone", async () => (await stored()).writable === 0);
    assert.ok(Date.now() - begun < 20_000, "it does not wait for the command");
    assert.deepEqual(await mounts(), []);
  });

  it("may have 200 stages side by side", async () => {
    const stages = numbers(200).map((index) => `FROM scratch AS s${index}\nCOPY f /f${index}\n`);
    const copies = numbers(200).map((index) => `--mount=from=s${index},target=/m/${index}`);
    const dockerfile = `${stages.join("")}FROM busybox\nRUN --network=none ${copies.join(" ")} ls /m/*/f* | wc -l\n`;
    const archive = await archiveOf([
      ["Dockerfile", dockerfile],
      ["f", "content"],
    ]);
    assert.match(await post("", archive), /"stream":"200\\n"/);
    assert.equal((await stored()).writable, 0);
  });

  it("may have a Dockerfile of a megabyte", async () => {
    const lines = numbers(20_000).map((index) => `# a comment, and of these there are many: ${index}`);
    const dockerfile = `FROM busybox\n${lines.join("\n")}\nCOPY <<END /long\n${"x".repeat(99)}\n${lines.join("\n")}\nEND\nRUN --network=none wc -l </long\n`;
    assert.ok(dockerfile.length > 1_000_000);
    assert.match(await post("", await archiveOf([["Dockerfile", dockerfile]])), /"stream":"20001\\n"/);
  });

  it("may have a context of 20,000 files, and others are answered meanwhile", async () => {
    function* files(): Generator<readonly [string, string]> {
      yield ["Dockerfile", "FROM busybox\nCOPY . /all\nRUN --network=none find /all -type f | wc -l\n"];
      for (const index of numbers(20_000)) yield [`d${index % 500}/f${index}`, `${index}`];
    }
    const archive = await archiveOf(files());
    let slowest = 0;
    let isBuilding = true;
    const asking = (async () => {
      while (isBuilding) {
        const asked = performance.now();
        await call(engine.socket, "GET", "/_ping");
        slowest = Math.max(slowest, performance.now() - asked);
        await sleep(50);
      }
    })();
    try {
      assert.match(await post("", archive), /"stream":"20001\\n"/);
      assert.match(await post("", archive), /Using cache/);
    } finally {
      isBuilding = false;
      await asking;
    }
    // Far more than it takes on a machine at rest, far less than all the files do.
    assert.ok(slowest < 2000, `an answer took ${slowest} ms`);
  });
});
