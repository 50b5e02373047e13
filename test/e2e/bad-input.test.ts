import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { withoutRoot } from "../support/docker-cli.ts";
import { call, type EngineUnderTest, startEngine } from "../support/wharfd.ts";

const json = { "content-type": "application/json" };
const create = (document: unknown, name?: string) =>
  ["POST", `/v1.50/containers/create${name ? `?name=${name}` : ""}`, JSON.stringify(document)] as const;
const busybox = { Image: "busybox", Cmd: ["sleep", "1000"] };

describe("bad input gets the documented status and a message that helps", { skip: withoutRoot }, () => {
  let engine: EngineUnderTest;
  before(async () => {
    engine = await startEngine();
    const { status } = await call(engine.socket, ...create(busybox, "taken"), json);
    assert.equal(status, 201);
  });
  after(() => engine[Symbol.asyncDispose]());

  const refusals: readonly (readonly [string, readonly [string, string, string?], number, RegExp])[] = [
    ["malformed JSON", ["POST", "/v1.50/containers/create", '{"Image":'], 400, /JSON|EOF/i],
    ["no body at all", ["POST", "/v1.50/containers/create"], 400, /body|EOF|JSON/i],
    [
      "a JSON text where an object belongs",
      ["POST", "/v1.50/containers/create", '"busybox"'],
      400,
      /object|type/i,
    ],
    ["a number where a text belongs", create({ Image: 7 }), 400, /Image/],
    ["a text where a number belongs", create({ ...busybox, HostConfig: { Memory: "much" } }), 400, /Memory/],
    [
      "an image that is not there",
      create({ Image: "nowhere/nothing:9" }),
      404,
      /No such image: nowhere\/nothing:9/,
    ],
    ["an empty document", create({}), 400, /image|config cannot be empty/i],
    ["a reference that is none", create({ Image: "UPPER CASE" }), 400, /invalid reference/],
    [
      "a name in use",
      create(busybox, "taken"),
      409,
      /The container name "\/taken" is already in use by container/,
    ],
    ["a name that is none", create(busybox, "a%2Fb"), 400, /Invalid container name/],
    [
      "a port that is none",
      create({ ...busybox, HostConfig: { PortBindings: { "80/tcp": [{ HostPort: "x" }] } } }),
      400,
      /port/i,
    ],
    [
      "a mount that is not absolute",
      create({ ...busybox, HostConfig: { Binds: ["/tmp:relative"] } }),
      400,
      /relative/,
    ],
    ["an unknown container", ["GET", "/v1.50/containers/nobody/json"], 404, /No such container: nobody/],
    [
      "start of an unknown container",
      ["POST", "/v1.50/containers/nobody/start"],
      404,
      /No such container: nobody/,
    ],
    ["removal of a blank image", ["DELETE", "/v1.50/images/%20"], 400, /image name cannot be blank/],
    [
      "removal of an unknown container",
      ["DELETE", "/v1.50/containers/nobody"],
      404,
      /No such container: nobody/,
    ],
    [
      "kill of a container that does not run",
      ["POST", "/v1.50/containers/taken/kill"],
      409,
      /is not running/,
    ],
    [
      "a signal that is none",
      ["POST", "/v1.50/containers/taken/kill?signal=WHAT"],
      400,
      /invalid signal: WHAT/i,
    ],
    ["logs of no stream", ["GET", "/v1.50/containers/taken/logs"], 400, /stdout|stream/],
    ["an unknown image", ["GET", "/v1.50/images/nothing/json"], 404, /No such image: nothing/],
    ["an unknown network", ["GET", "/v1.50/networks/nowhere"], 404, /network nowhere not found/],
    ["an unknown path", ["GET", "/v1.50/no/such/path"], 404, /page not found/],
    ["a version from the future", ["GET", "/v1.99/containers/json"], 400, /client version 1\.99 is too new/],
    ["a version from the past", ["GET", "/v1.10/containers/json"], 400, /client version 1\.10 is too old/],
    ["filters that are none", ["GET", "/v1.50/containers/json?filters=%7B"], 400, /filter|JSON|EOF/i],
    [
      "a filter nobody knows",
      ["GET", '/v1.50/containers/json?filters={"colour":["red"]}'],
      400,
      /invalid filter 'colour'/i,
    ],
    ["swarm", ["GET", "/v1.50/swarm"], 501, /swarm/i],
  ];
  for (const [what, [method, path, body], status, message] of refusals) {
    it(`${what}: ${status}`, async () => {
      const answer = await call(
        engine.socket,
        method,
        encodeURI(decodeURI(path)),
        body,
        body === undefined ? {} : json,
      );
      assert.equal(answer.status, status, answer.body);
      // Clients that old know no JSON errors.
      const said = path.startsWith("/v1.10/")
        ? answer.body
        : (JSON.parse(answer.body) as { message: string }).message;
      assert.match(said, message);
    });
  }

  it("a network that is not there: 404, when the container is made or when it is started", async () => {
    const onNetwork = { ...busybox, HostConfig: { NetworkMode: "nowhere" } };
    const created = await call(engine.socket, ...create(onNetwork, "astray"), json);
    const refused =
      created.status === 201 ? await call(engine.socket, "POST", "/containers/astray/start") : created;
    assert.equal(refused.status, 404, refused.body);
    assert.match(refused.body, /network nowhere not found/);
    await call(engine.socket, "DELETE", "/containers/astray");
  });

  it("nothing half-made stays behind", async () => {
    const { body } = await call(engine.socket, "GET", "/containers/json?all=1");
    assert.deepEqual(
      (JSON.parse(body) as { Names: string[] }[]).map(({ Names }) => Names[0]),
      ["/taken"],
    );
  });

  it("a port in use: the second start fails, says which port, and the container can start when it is free", async () => {
    const onPort = {
      ...busybox,
      ExposedPorts: { "80/tcp": {} },
      HostConfig: { PortBindings: { "80/tcp": [{ HostPort: "9000" }] } },
    };
    for (const name of ["first", "second"])
      assert.equal((await call(engine.socket, ...create(onPort, name), json)).status, 201);
    assert.equal((await call(engine.socket, "POST", "/containers/first/start")).status, 204);
    const refused = await call(engine.socket, "POST", "/containers/second/start");
    assert.equal(refused.status, 500);
    assert.match(refused.body, /9000/);
    assert.match(refused.body, /port is already allocated|address already in use/);
    assert.equal((await call(engine.socket, "DELETE", "/containers/first?force=1")).status, 204);
    assert.equal((await call(engine.socket, "POST", "/containers/second/start")).status, 204);
    assert.equal((await call(engine.socket, "DELETE", "/containers/second?force=1")).status, 204);
  });
});
