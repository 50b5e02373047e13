import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type FakeRooms, fakeRooms, NEVER, request } from "./fake-rooms.ts";

/** A failure of the network is told in Docker's words. */
const asTold = (call: string): string =>
  `${call.startsWith("networks.") ? "failed to set up container networking: " : ""}${call} failed`;

const HOST = { Binds: ["named:/data"], IpcMode: "shareable" };
const CONFIG = { WorkingDir: "/work", Volumes: { "/anonymous": {} } };
const WAIT = { stdin: false, stdout: true, stderr: true, logs: false, stream: true };
const REMOVE = { force: false, volumes: true, link: false };

const listAll = ({ engine }: FakeRooms) => [
  ...engine.containers.list({ all: true, limit: undefined, filters: new Map() }),
];

async function create(rooms: FakeRooms, host: object = HOST): Promise<string> {
  const { id } = await rooms.engine.containers.create(request("c1", host, CONFIG), NEVER);
  return id;
}

async function start(rooms: FakeRooms, id: string): Promise<void> {
  await rooms.engine.containers.attach(id, WAIT, NEVER);
  await rooms.engine.containers.start(id);
}

/** Names of the calls that one run of `body` makes. */
async function callsOf(
  prepare: (rooms: FakeRooms) => Promise<string>,
  body: (rooms: FakeRooms, id: string) => Promise<unknown>,
) {
  await using rooms = await fakeRooms();
  const id = await prepare(rooms);
  rooms.calls.length = 0;
  await body(rooms, id);
  return [...new Set(rooms.calls)];
}

describe("a creation that fails", async () => {
  const calls = await callsOf(
    async () => "",
    (rooms) => create(rooms),
  );
  it("goes through every step it has", () => {
    const steps = [
      "layers.prepare",
      "volumes.create",
      "volumes.reserve",
      "layers.mount",
      "rootfs.makeFolder",
      "volumes.populate",
      "layers.unmount",
    ];
    assert.deepEqual([...calls].sort(), steps.sort());
  });

  for (const call of calls.filter((name) => name !== "layers.unmount")) {
    it(`leaves nothing when ${call} fails`, async () => {
      await using rooms = await fakeRooms();
      rooms.failAt = call;
      await assert.rejects(create(rooms), { message: `${call} failed` });
      assert.deepEqual([...rooms.present], []);
      assert.deepEqual(listAll(rooms), []);
      rooms.failAt = undefined;
      await create(rooms);
    });
  }
});

describe("a start that fails", async () => {
  const calls = await callsOf((rooms) => create(rooms), start);
  it("goes through every step it has", () => {
    const steps = [
      "networks.check",
      "networks.setUp",
      "layers.mount",
      "rootfs.read",
      "rootfs.makeFolder",
      "volumes.mount",
      "shm.make",
      "buildSpec",
      "runtime.create",
      "runtime.attach",
      "runtime.start",
    ];
    assert.deepEqual([...calls].sort(), steps.sort());
  });

  for (const call of calls) {
    it(`leaves what the creation made and no more when ${call} fails, and can be tried again`, async () => {
      await using rooms = await fakeRooms();
      const id = await create(rooms);
      const before = [...rooms.present].sort();
      rooms.failAt = call;
      await assert.rejects(start(rooms, id), { message: asTold(call) });
      assert.deepEqual([...rooms.present].sort(), before);
      const { state } = rooms.engine.containers.inspect(id);
      assert.deepEqual(state, { status: "created", exitCode: 128, error: asTold(call) });
      rooms.failAt = undefined;
      await rooms.engine.containers.start(id);
      assert.equal(rooms.engine.containers.inspect(id).state.status, "running");
    });

    it(`removes an AutoRemove container when ${call} fails`, async () => {
      await using rooms = await fakeRooms();
      const id = await create(rooms, { ...HOST, AutoRemove: true });
      const removed = await rooms.engine.containers.wait(id, "removed", NEVER);
      rooms.failAt = call;
      await assert.rejects(start(rooms, id), { message: asTold(call) });
      assert.deepEqual(await removed.exited, { exitCode: 128 });
      assert.deepEqual([...rooms.present], ["volume:named"]);
      assert.deepEqual(listAll(rooms), []);
    });
  }

  for (const call of ["networks.setUp", "runtime.create", "runtime.attach", "runtime.start"]) {
    it(`ends the wait of a client that has attached when ${call} fails`, async () => {
      await using rooms = await fakeRooms();
      const id = await create(rooms);
      const { output, end } = await rooms.engine.containers.attach(id, { ...WAIT, stdin: true }, NEVER);
      rooms.failAt = call;
      await assert.rejects(rooms.engine.containers.start(id));
      for await (const chunk of output) assert.fail(`output: ${chunk}`);
      await end();
    });
  }
});

describe("a removal that fails", () => {
  for (const call of [
    "runtime.remove",
    "networks.tearDown",
    "layers.unmount",
    "volumes.unmount",
    "layers.remove",
  ]) {
    it(`goes on after ${call}, leaves the container dead, and succeeds when tried again`, async () => {
      await using rooms = await fakeRooms();
      const id = await create(rooms);
      await rooms.engine.containers.start(id);
      await rooms.engine.containers.kill(id, undefined);
      rooms.failAt = call;
      // Two volumes make two failures, told together.
      const told =
        call === "volumes.unmount"
          ? /could not release everything of container .*: volumes.unmount failed; volumes.unmount failed/
          : new RegExp(`^${call} failed$`);
      await assert.rejects(rooms.engine.containers.remove(id, REMOVE), { message: told });
      assert.equal(rooms.engine.containers.inspect(id).state.status, "dead");
      rooms.failAt = undefined;
      await rooms.engine.containers.remove(id, REMOVE);
      assert.deepEqual([...rooms.present], ["volume:named"]);
      assert.deepEqual(listAll(rooms), []);
    });
  }
});
