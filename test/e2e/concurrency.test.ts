import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { withoutDocker, withoutRoot } from "../support/docker-cli.ts";
import { call, type EngineUnderTest, startEngine } from "../support/wharfd.ts";

describe("many calls at once", { skip: withoutRoot || withoutDocker }, () => {
  let engine: EngineUnderTest;
  before(async () => {
    engine = await startEngine();
  });
  after(() => engine[Symbol.asyncDispose]());

  const request = (method: string, path: string, body?: unknown) =>
    call(
      engine.socket,
      method,
      `/v1.50/containers/${path}`,
      body === undefined ? undefined : JSON.stringify(body),
      {
        "content-type": "application/json",
      },
    );
  const post = (path: string, body?: unknown) => request("POST", path, body);
  const sleeper = { Image: "busybox", Cmd: ["sleep", "100000"] };
  const make = async (name: string, more = {}) => {
    const { status, body } = await post(`create?name=${name}`, { ...sleeper, ...more });
    assert.equal(status, 201, body);
    return (JSON.parse(body) as { Id: string }).Id;
  };
  const stateOf = (name: string) => engine.ok("inspect", "-f", "{{.State.Status}}", name);
  const message = ({ body }: { readonly body: string }) => (JSON.parse(body) as { message: string }).message;

  it("of ten starts of one container one starts it, the others find it started", async () => {
    await make("starts");
    const answers = await Promise.all(Array.from({ length: 10 }, () => post("starts/start")));
    assert.deepEqual(answers.map(({ status }) => status).toSorted(), [204, ...Array<number>(9).fill(304)]);
    const stops = await Promise.all(Array.from({ length: 5 }, () => post("starts/stop?t=0")));
    assert.ok(stops.every(({ status }) => status === 204 || status === 304));
    assert.equal(await stateOf("starts"), "exited");
  });

  it("a stop, kill or removal during a start has its turn after it", async () => {
    for (const [name, path, method, state] of [
      ["during1", "during1/stop?t=0", "POST", "exited"],
      ["during2", "during2/kill", "POST", "exited"],
      ["during3", "during3?force=1", "DELETE", "gone"],
    ] as const) {
      await make(name);
      const starting = post(`${name}/start`);
      await new Promise((resolve) => setImmediate(resolve));
      const [started, second] = await Promise.all([starting, request(method, path)]);
      assert.equal(started.status, 204, started.body);
      // One that came first found it stopped, and the start came after.
      const wasFirst = second.status === 304 || second.status === 409;
      if (!wasFirst) assert.equal(second.status, 204, second.body);
      const { status } = await request("GET", `${name}/json`);
      if (state === "gone") assert.equal(status, 404);
      else assert.equal(await stateOf(name), wasFirst ? "running" : state);
    }
  });

  it("a hundred containers start and go side by side, and nothing is mixed up", async () => {
    const names = Array.from({ length: 100 }, (_, index) => `many${index}`);
    await Promise.all(
      names.map((name) => make(name, { Cmd: ["sh", "-c", `echo ${name}; exec sleep 100000`] })),
    );
    const started = await Promise.all(names.map((name) => post(`${name}/start`)));
    assert.deepEqual(new Set(started.map(({ status }) => status)), new Set([204]));
    const logs = await Promise.all(names.map((name) => request("GET", `${name}/logs?stdout=1&follow=0`)));
    assert.ok(logs.every(({ body }, index) => body === "" || body.includes(names[index] ?? "?")));
    const removed = await Promise.all(names.map((name) => request("DELETE", `${name}?force=1`)));
    assert.deepEqual(new Set(removed.map(({ status }) => status)), new Set([204]));
    assert.equal(await engine.ok("ps", "-aq", "--filter", "name=many"), "");
  });

  it("creations of one name: one succeeds, the others learn whose it is", async () => {
    const answers = await Promise.all(Array.from({ length: 8 }, () => post("create?name=once", sleeper)));
    const [winner] = answers.filter(({ status }) => status === 201);
    const { Id } = JSON.parse(winner?.body ?? "{}") as { Id: string };
    const losers = answers.filter(({ status }) => status === 409);
    assert.equal(losers.length, 7);
    for (const loser of losers) {
      const words = message(loser);
      assert.match(
        words,
        /^Conflict\. The container name "\/once" is already in use by container "[a-f0-9]{64}"\./,
      );
      assert.ok(words.includes(Id));
    }
  });

  it("says what is wrong in Docker's words", async () => {
    const id = await make("words");
    const stopped = await post("words/kill");
    assert.deepEqual(
      [stopped.status, message(stopped)],
      [409, `cannot kill container: words: container ${id} is not running`],
    );
    assert.equal((await post("words/stop")).status, 304);
    const exec = await post("words/exec", { Cmd: ["true"] });
    assert.deepEqual([exec.status, message(exec)], [409, `container ${id} is not running`]);
    await post("words/start");
    await post("words/pause");
    const paused = await post("words/exec", { Cmd: ["true"] });
    assert.deepEqual(
      [paused.status, message(paused)],
      [409, "Container words is paused, unpause the container before exec"],
    );
    const again = await post("words/pause");
    assert.deepEqual([again.status, message(again)], [409, `Container ${id} is already paused`]);
    const removal = await request("DELETE", "words");
    assert.deepEqual(
      [removal.status, message(removal)],
      [409, 'cannot remove container "/words": container is paused and must be unpaused first'],
    );
    const both = await Promise.all([request("DELETE", "words?force=1"), request("DELETE", "words?force=1")]);
    const statuses = both.map(({ status }) => status).toSorted();
    assert.ok(statuses[0] === 204 && [404, 409].includes(statuses[1] ?? 0), String(statuses));
  });

  it("finds containers by unique prefixes, and refuses ambiguous ones", async () => {
    // More than there are hexadecimal digits: two begin alike.
    const ids = await Promise.all(Array.from({ length: 17 }, (_, index) => make(`prefix${index}`)));
    const first = ids.find((id) => ids.some((other) => other !== id && other[0] === id[0])) ?? "";
    const { status, ...answer } = await request("GET", `${first[0]}/json`);
    assert.deepEqual(
      [status, message(answer)],
      [400, `multiple IDs found with provided prefix: ${first[0]}`],
    );
    assert.equal((await request("GET", `${first.slice(0, 12)}/json`)).status, 200);
    assert.equal((await request("GET", "zzzz/json")).status, 404);
  });
});
