import assert from "node:assert/strict";
import { connect } from "node:net";
import { after, before, describe, it } from "node:test";
import { withoutDocker, withoutRoot } from "../support/docker-cli.ts";
import { call, type EngineUnderTest, startEngine } from "../support/wharfd.ts";

interface ExecAnswer {
  readonly Running: boolean;
  readonly ExitCode: number | null;
}

describe("the answer to an exec", { skip: withoutRoot || withoutDocker }, () => {
  let engine: EngineUnderTest;
  before(async () => {
    engine = await startEngine();
    await engine.ok("run", "-d", "--name", "cc", "busybox", "sleep", "100000");
  });
  after(() => engine[Symbol.asyncDispose]());

  const json = { "content-type": "application/json" };
  async function created(command: readonly string[]): Promise<string> {
    const body = JSON.stringify({ Cmd: command, AttachStdout: true, AttachStderr: true });
    const answer = await call(engine.socket, "POST", "/v1.50/containers/cc/exec", body, json);
    return (JSON.parse(answer.body) as { Id: string }).Id;
  }

  /** What arrives, piece by piece, on a connection of one's own: a client that reads the head through a buffer of its own. */
  function pieces(id: string, onHead?: () => void): Promise<readonly string[]> {
    const body = '{"Detach":false,"Tty":false}';
    const head = `POST /v1.50/exec/${id}/start HTTP/1.1\r\nHost: e\r\nConnection: Upgrade\r\nUpgrade: tcp\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n`;
    return new Promise((resolve, reject) => {
      const socket = connect(engine.socket);
      const seen: string[] = [];
      socket.on("data", (chunk) => seen.push(chunk.toString("latin1")));
      if (onHead) socket.once("data", onHead);
      socket.on("end", () => resolve(seen));
      socket.on("error", reject);
      socket.write(head + body);
    });
  }

  it("begins with the head alone: some clients lose output that comes with it", async () => {
    for (let round = 0; round < 10; round++) {
      const [head, ...rest] = await pieces(await created(["echo", "hello"]));
      assert.match(head ?? "", /^HTTP\/1\.1 101 UPGRADED\r\n[\s\S]*\r\n\r\n$/);
      assert.ok(rest.join("").endsWith("hello\n"));
    }
  });

  it("says that it runs from the head on: clients ask until it does not, and then believe the exit code", async () => {
    for (let round = 0; round < 10; round++) {
      const id = await created(["false"]);
      let asked: Promise<Awaited<ReturnType<typeof call>>> | undefined;
      await pieces(id, () => {
        asked = call(engine.socket, "GET", `/v1.50/exec/${id}/json`);
      });
      const { Running, ExitCode } = JSON.parse((await asked)?.body ?? "") as ExecAnswer;
      assert.ok(Running || ExitCode === 1, `running: ${Running}, exit code: ${ExitCode}`);
    }
  });

  it("tells a command that cannot be run as output, and its exit code", async () => {
    const id = await created(["nosuchcommand"]);
    assert.match((await pieces(id)).join(""), /executable file not found/);
    const { body } = await call(engine.socket, "GET", `/v1.50/exec/${id}/json`);
    assert.equal((JSON.parse(body) as { ExitCode: number }).ExitCode, 127);
  });

  it("is a refusal where there is nothing to start", async () => {
    assert.equal((await call(engine.socket, "POST", "/v1.50/exec/none/start", "{}", json)).status, 404);
    const id = await created(["true"]);
    await pieces(id);
    const again = await call(engine.socket, "POST", `/v1.50/exec/${id}/start`, '{"Detach":true}', json);
    assert.equal(again.status, 409);
  });

  it("tells a second start as output: compose watch starts its execs twice", async () => {
    const ended = await created(["true"]);
    await pieces(ended);
    const again = await call(engine.socket, "POST", `/v1.50/exec/${ended}/start`, '{"Detach":false}', json);
    assert.equal(again.status, 200);
    assert.match(again.body, new RegExp(`exec command ${ended} has already run\r\n$`));
    const running = await created(["sleep", "100"]);
    await call(engine.socket, "POST", `/v1.50/exec/${running}/start`, '{"Detach":true}', json);
    assert.match((await pieces(running)).join(""), /^HTTP\/1\.1 101 [\s\S]* is already running\r\n$/);
  });
});
