import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { withoutDocker, withoutRoot } from "../support/docker-cli.ts";
import { call, type EngineUnderTest, startEngine } from "../support/wharfd.ts";

describe("exec through the API", { skip: withoutRoot || withoutDocker }, () => {
  let engine: EngineUnderTest;
  before(async () => {
    engine = await startEngine();
    await engine.ok("run", "-d", "--name", "box", "--init=false", "busybox", "sleep", "1000");
  });
  after(() => engine[Symbol.asyncDispose]());

  async function post(path: string, body: object) {
    const { status, body: text } = await call(engine.socket, "POST", path, JSON.stringify(body));
    return {
      status,
      answer: JSON.parse(text || "{}") as { readonly Id?: string; readonly message?: string },
    };
  }
  const create = async (): Promise<string> =>
    (await post("/containers/box/exec", { Cmd: ["true"] })).answer.Id ?? "";
  const start = (id: string) => post(`/exec/${id}/start`, { Detach: true });
  const inspect = async (id: string): Promise<number> =>
    (await call(engine.socket, "GET", `/exec/${id}/json`)).status;

  it("names a paused container as it was asked for", async () => {
    await engine.ok("pause", "box");
    const { status, answer } = await post("/containers/box/exec", { Cmd: ["true"] });
    await engine.ok("unpause", "box");
    assert.deepEqual(
      [status, answer.message],
      [409, "Container box is paused, unpause the container before exec"],
    );
  });

  it("is forgotten with the run of its container it was made for, if it was never started", async () => {
    const [unused, used] = [await create(), await create()];
    assert.equal((await start(used)).status, 200);
    await engine.ok("restart", "-t", "0", "box");
    assert.equal((await start(unused)).status, 404);
    assert.equal(await inspect(used), 200);
  });

  it("is forgotten with its container", async () => {
    const id = await create();
    await engine.ok("rm", "-f", "box");
    assert.equal(await inspect(id), 404);
  });
});
