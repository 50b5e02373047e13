import assert from "node:assert/strict";
import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { output, withoutDocker, withoutRoot } from "../support/docker-cli.ts";
import { noRegistry } from "../support/docker-registry.ts";
import { spawnInside } from "../support/inside.ts";
import { call, type EngineUnderTest, startEngine } from "../support/wharfd.ts";

const HOST = "127.0.0.1:5000";
const NAME = `${HOST}/app:1`;

/** Debian's registry in the engine's own network namespace. */
async function startRegistry(engine: EngineUnderTest) {
  const file = join(engine.folder, "registry.json");
  const storage = { filesystem: { rootdirectory: join(engine.folder, "registry") } };
  writeFileSync(
    file,
    JSON.stringify({ version: 0.1, storage, http: { addr: HOST }, log: { level: "info" } }),
  );
  return spawnInside(engine, "sh", "-c", `exec docker-registry serve ${file} 2>&1`);
}

/** An image of several layers with some thousand files, so that there is a middle to be killed in. */
async function makeImage(engine: EngineUnderTest): Promise<void> {
  const tree = join(engine.folder, "tree");
  for (let layer = 0; layer < 3; layer++) {
    for (let index = 0; index < 400; index++) {
      const folder = join(tree, `layer${layer}`, `d${index % 20}`);
      mkdirSync(folder, { recursive: true });
      writeFileSync(join(folder, `f${index}`), `${layer}-${index}-`.repeat(300));
    }
    const file = join(engine.folder, "part.tar");
    await output("tar", ["-C", tree, "-cf", file, `layer${layer}`]);
    if (layer === 0) await engine.ok("import", file, NAME);
    else {
      await engine.ok("create", "--name", "part", NAME, "none");
      await engine.ok("cp", join(tree, `layer${layer}`), "part:/");
      await engine.ok("commit", "part", NAME);
      await engine.ok("rm", "part");
    }
  }
}

/** Starts a command, kills the engine after a while, starts it anew, and says what must hold after every kill. */
async function killDuring(
  engine: EngineUnderTest,
  milliseconds: number,
  ...command: string[]
): Promise<void> {
  const running = engine.docker(command);
  await sleep(milliseconds);
  await engine.end("SIGKILL");
  await running;
  await engine.start();
  const { body } = await call(engine.socket, "POST", "/wharf/v1/images/verify");
  const findings =
    body.trim() === ""
      ? []
      : body
          .trim()
          .split("\r\n")
          .map((line) => JSON.parse(line));
  assert.deepEqual(
    findings.filter(({ status }: { status: string }) => status !== "ok"),
    [],
  );
  assert.deepEqual(readdirSync(join(engine.dataRoot, "content/ingest")), []);
}

const names = (engine: EngineUnderTest) => engine.ok("images", "-q", "--no-trunc", NAME);

describe("an engine killed while it works on images", {
  skip: withoutRoot || withoutDocker || (noRegistry ?? false),
}, () => {
  it("leaves a whole store, whatever it was doing", async () => {
    await using engine = await startEngine({ direct: true });
    await using _registry = await startRegistry(engine);
    await makeImage(engine);
    const id = await names(engine);
    await engine.ok("push", NAME);
    const archive = join(engine.folder, "image.tar");
    await engine.ok("save", "-o", archive, NAME);
    for (const round of [0, 1, 2, 3, 4, 5]) {
      const pause = 20 + 60 * round;
      await engine.docker(["rmi", "-f", NAME]);
      await killDuring(engine, pause, "pull", "-q", NAME);
      assert.ok(["", id].includes(await names(engine)), "a pull shows all or nothing");
      await engine.docker(["rmi", "-f", NAME]);
      await killDuring(engine, pause, "load", "-qi", archive);
      assert.ok(["", id].includes(await names(engine)), "a load shows all or nothing");
      await engine.ok("load", "-qi", archive);
      await killDuring(engine, 5 + 10 * round, "image", "prune", "-af");
    }
    await engine.ok("pull", "-q", NAME);
    assert.equal(await names(engine), id);
    const listing = "layer2/d3/f3";
    await engine.ok("create", "--name", "probe", NAME, "none");
    await engine.ok("cp", `probe:/${listing}`, join(engine.folder, "probe"));
    await engine.ok("rm", "probe");
    await engine.ok("rmi", "-f", NAME, "busybox");
    const folders = readdirSync(join(engine.dataRoot, "overlay2")).filter((name) => name !== "l");
    const blobs = readdirSync(join(engine.dataRoot, "content/blobs/sha256"));
    assert.deepEqual([folders, blobs], [[], []]);
  });
});
