import assert from "node:assert/strict";
import { once } from "node:events";
import { existsSync, readdirSync } from "node:fs";
import { type IncomingMessage, request } from "node:http";
import { join } from "node:path";
import { describe, it } from "node:test";
import { withoutDocker, withoutRoot } from "../support/docker-cli.ts";
import { until } from "../support/until.ts";
import { call, startEngine } from "../support/wharfd.ts";

const LONG = 1900;

/**
 * Makes `folder`/t, thousands of levels deep: chains of folders, each as long as paths may be, are moved into one
 * another's ends.
 */
const deepTree = (folder: string, moves: number): string => `
  set -e
  cd ${folder}
  chain=$(yes d | head -n ${LONG} | tr '\\n' '/')
  mkdir -p t/$chain
  echo abc >t/$chain/file
  for at in $(seq ${moves}); do
    mkdir -p next/$chain
    mv t next/$chain/t
    mv next t
  done
`;
/** Its size is asked for by commands that have to end, whether they have an answer or not. */
const TIME = 60_000;

const isEmpty = (folder: string): boolean => !existsSync(folder) || readdirSync(folder).length === 0;

/** What `docker cp` never asks for: that a file takes the place of a folder. */
async function put(socketPath: string, path: string, body: string): Promise<number | undefined> {
  const sent = request({ socketPath, path, method: "PUT" }).end(body);
  const [answer] = (await once(sent, "response")) as [IncomingMessage];
  answer.resume();
  return answer.statusCode;
}

describe("trees deeper than any path is long", { skip: withoutRoot || withoutDocker }, () => {
  it("go with the container that made them", async () => {
    await using engine = await startEngine();
    await engine.ok("run", "--name", "deep", "busybox", "sh", "-c", deepTree("/home", 20));
    await engine.ok("run", "--name", "odd", "busybox", "sh", "-c", "mkdir $(printf '/home/\\344\\377')");
    const layer = await engine.ok("inspect", "-f", "{{.GraphDriver.Data.UpperDir}}", "deep");
    assert.ok(existsSync(join(layer, "home/t/d")));
    await engine.ok("rm", "deep", "odd");
    assert.equal(existsSync(layer), false);
    await until("the layers are deleted", () => isEmpty(join(engine.dataRoot, "removing")), TIME);
  });

  it("go with the volume that they are in, and are counted before", async () => {
    await using engine = await startEngine();
    await engine.ok("run", "--rm", "-v", "deep:/v", "busybox", "sh", "-c", deepTree("/v", 20));
    assert.match(await engine.ok("system", "df", "-v", "--format", "{{json .Volumes}}"), /"Size":"4B"/);
    await engine.ok("volume", "rm", "deep");
    await until("the volume is deleted", () => isEmpty(join(engine.dataRoot, "volumes/.removing")), TIME);
  });

  it("go with the build cache that they are in, and with the folder of the build", async () => {
    await using engine = await startEngine();
    const mounts = "--mount=type=cache,target=/c --mount=type=bind,target=/b,rw";
    const file = `FROM busybox\nRUN ${mounts} <<"END"\n${deepTree("/c", 3)}${deepTree("/b", 3)}END\n`;
    const built = await engine.docker(["build", "-q", "-"], { input: file });
    assert.equal(built.code, 0, built.stderr);
    const { body } = await call(engine.socket, "GET", "/system/df?type=build-cache");
    const { BuildCache } = JSON.parse(body) as { BuildCache: readonly { Type: string; Size: number }[] };
    assert.equal(BuildCache.find(({ Type }) => Type === "exec.cachemount")?.Size, "abc\n".length);
    const pruned = await engine.docker(["builder", "prune", "-af"], { timeout: TIME });
    assert.equal(pruned.code, 0, pruned.stderr);
    assert.deepEqual(readdirSync(join(engine.dataRoot, "build/cache-mounts")), []);
    assert.deepEqual(readdirSync(join(engine.dataRoot, "build/builds")), []);
    await until("all of it is deleted", () => isEmpty(join(engine.dataRoot, "removing")), TIME);
  });

  it("are counted and go with a layer that is a whole tree", async () => {
    await using engine = await startEngine({ flags: ["--storage-driver=vfs"] });
    await engine.ok("run", "--name", "deep", "busybox", "sh", "-c", deepTree("/home", 3));
    assert.match(await engine.ok("ps", "-as", "--format", "{{.Size}}"), /^4B \(virtual/);
    await engine.ok("system", "df");
    await engine.ok("rm", "deep");
    await until("the layer is deleted", () => isEmpty(join(engine.dataRoot, "removing")), TIME);
  });

  it("can be replaced, and are refused where their paths would be needed", async () => {
    await using engine = await startEngine();
    await engine.ok("run", "--name", "deep", "busybox", "sh", "-c", deepTree("/home", 3));
    assert.match(await engine.ok("ps", "-as", "--format", "{{.Size}}"), /^4B \(virtual/);
    for (const command of [["diff"], ["commit"], ["export"]]) {
      const refused = await engine.docker([...command, "deep"], { timeout: TIME });
      assert.notEqual(refused.code, 0, command.join());
      if (command[0] !== "export") assert.match(refused.stderr, /path is longer than 4095 bytes/);
    }
    const copied = await engine.docker(["cp", "deep:/home", "-"], { timeout: TIME });
    assert.notEqual(copied.code, 0);
    const archive = await engine.ok("run", "--rm", "busybox", "sh", "-c", "mkdir /x; >/x/t; tar c -C /x t");
    assert.equal(await put(engine.socket, "/containers/deep/archive?path=/home", `${archive}\n`), 200);
    assert.equal(await engine.ok("diff", "deep"), "C /home\nA /home/t");
  });
});
