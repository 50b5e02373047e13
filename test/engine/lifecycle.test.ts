import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type FakeRooms, fakeRooms, NEVER, request } from "./fake-rooms.ts";

const NOW = { signal: undefined, timeout: 0 };
const REMOVE = { force: false, volumes: false, link: false };

async function running(rooms: FakeRooms, name: string, hostConfig: object = {}): Promise<string> {
  const { id } = await rooms.engine.containers.create(request(name, hostConfig), NEVER);
  await rooms.engine.containers.start(id);
  return id;
}

const statusOf = ({ engine }: FakeRooms, id: string): string => engine.containers.inspect(id).state.status;

/** What has been queued so far is over. */
const quiet = () => new Promise((resolve) => setTimeout(resolve, 5));

describe("lifecycle", () => {
  it("answers every wait, also one registered before a start whose process ends at once", async () => {
    await using rooms = await fakeRooms();
    const { id } = await rooms.engine.containers.create(request("c1"), NEVER);
    const next = await rooms.engine.containers.wait(id, "next-exit", NEVER);
    await rooms.engine.containers.start(id);
    const stopped = await rooms.engine.containers.wait(id, "not-running", NEVER);
    rooms.exit(id, 7);
    assert.deepEqual([await next.exited, await stopped.exited], [{ exitCode: 7 }, { exitCode: 7 }]);
    const after = await rooms.engine.containers.wait(id, "not-running", NEVER);
    assert.deepEqual(await after.exited, { exitCode: 7 });
  });

  it("keeps an exit that comes before the start has been recorded", async () => {
    await using rooms = await fakeRooms();
    const { id } = await rooms.engine.containers.create(request("c1"), NEVER);
    const next = await rooms.engine.containers.wait(id, "next-exit", NEVER);
    const starting = rooms.engine.containers.start(id);
    while (!rooms.calls.includes("runtime.start")) await Promise.resolve();
    rooms.exit(id, 5);
    await starting;
    assert.deepEqual(await next.exited, { exitCode: 5 });
    assert.equal(statusOf(rooms, id), "exited");
  });

  it("reads the log of a container that has just started when it had time to say something, or has ended", async () => {
    await using rooms = await fakeRooms();
    const all = {
      stdout: true,
      stderr: true,
      follow: false,
      since: undefined,
      until: undefined,
      tail: undefined,
    };
    const ends = await running(rooms, "c1");
    const stays = await running(rooms, "c2");
    const read = async (id: string) => {
      const { lines } = await rooms.engine.containers.logs(id, all, NEVER);
      for await (const _ of lines);
    };
    const read1 = read(ends);
    const read2 = read(stays);
    await quiet();
    const reads = () => rooms.calls.filter((call) => call === "runtime.readLog").length;
    assert.equal(reads(), 0);
    rooms.exit(ends, 0);
    await read1;
    assert.equal(reads(), 1);
    await read2;
    assert.equal(statusOf(rooms, stays), "running");
  });

  it("inspects a container after the start that goes on, whatever comes of it", async () => {
    await using rooms = await fakeRooms();
    const { containers } = rooms.engine;
    const { id } = await containers.create(request("c1"), NEVER);
    const starting = containers.start(id);
    while (!rooms.calls.includes("runtime.create")) await Promise.resolve();
    assert.equal(statusOf(rooms, id), "created");
    assert.equal((await containers.inspectLaunched("c1")).state.status, "running");
    await starting;

    const failing = await containers.create(request("c2", { AutoRemove: true }), NEVER);
    rooms.failAt = "runtime.start";
    const refused = assert.rejects(containers.start(failing.id), /runtime.start failed/);
    while (rooms.calls.filter((call) => call === "runtime.create").length < 2) await Promise.resolve();
    await assert.rejects(containers.inspectLaunched(failing.id), { kind: "notFound" });
    await refused;
  });

  it("forgets a wait whose client has gone", async () => {
    await using rooms = await fakeRooms();
    const id = await running(rooms, "c1");
    const gone = new AbortController();
    const { exited } = await rooms.engine.containers.wait(id, "next-exit", gone.signal);
    gone.abort();
    await assert.rejects(exited, { kind: "cancelled" });
  });

  it("removes an AutoRemove container after its exit, and then tells", async () => {
    await using rooms = await fakeRooms();
    const id = await running(rooms, "c1", { AutoRemove: true });
    const removed = await rooms.engine.containers.wait(id, "removed", NEVER);
    rooms.exit(id, 3);
    assert.deepEqual(await removed.exited, { exitCode: 3 });
    assert.throws(() => rooms.engine.containers.inspect(id), {
      kind: "notFound",
      message: `No such container: ${id}`,
    });
    assert.deepEqual([...rooms.present], []);
  });

  it("releases what a container used when it ends, but not its files", async () => {
    await using rooms = await fakeRooms();
    const id = await running(rooms, "c1");
    rooms.exit(id, 0);
    await quiet();
    assert.deepEqual([...rooms.present], [`snapshot:${id}`]);
  });

  it("refuses what does not fit the state, in Docker's words", async () => {
    await using rooms = await fakeRooms();
    const id = await running(rooms, "c1");
    const { containers } = rooms.engine;
    await assert.rejects(containers.start(id), { kind: "notModified" });
    await assert.rejects(containers.remove(id, REMOVE), {
      kind: "conflict",
      message:
        'cannot remove container "/c1": container is running: stop the container before removing or force remove',
    });
    await assert.rejects(containers.unpause(id), {
      kind: "conflict",
      message: `Container ${id} is not paused`,
    });
    await containers.pause(id);
    await assert.rejects(containers.pause(id), {
      kind: "conflict",
      message: `Container ${id} is already paused`,
    });
    await assert.rejects(containers.start(id), {
      message: "cannot start a paused container, try unpause instead",
    });
    await containers.stop(id, NOW);
    await assert.rejects(containers.stop(id, NOW), { kind: "notModified" });
    await assert.rejects(containers.kill(id, undefined), {
      kind: "conflict",
      message: `cannot kill container: ${id}: container ${id} is not running`,
    });
    await assert.rejects(containers.kill(id, "FOO"), {
      kind: "invalidParameter",
      message: "Invalid signal: FOO",
    });
  });

  it("gives a name to one container at a time", async () => {
    await using rooms = await fakeRooms();
    const { id } = await rooms.engine.containers.create(request("c1"), NEVER);
    await assert.rejects(rooms.engine.containers.create(request("c1"), NEVER), {
      kind: "conflict",
      message: `Conflict. The container name "/c1" is already in use by container "${id}". You have to remove (or rename) that container to be able to reuse that name.`,
    });
    await rooms.engine.containers.rename("c1", "d1");
    await rooms.engine.containers.create(request("c1"), NEVER);
    await assert.rejects(rooms.engine.containers.rename("d1", "c1"), { kind: "conflict" });
    await assert.rejects(rooms.engine.containers.rename("d1", "d1"), {
      message: "Renaming a container with the same name as its current name",
    });
    assert.equal(rooms.engine.containers.inspect(id.slice(0, 12)).name, "d1");
  });

  it("lets only one of two creations have a name", async () => {
    await using rooms = await fakeRooms();
    const both = [1, 2].map(() => rooms.engine.containers.create(request("c1"), NEVER));
    const results = await Promise.allSettled(both);
    assert.deepEqual(results.map(({ status }) => status).sort(), ["fulfilled", "rejected"]);
  });

  it("starts, stops and removes in the order asked for, whatever comes at the same time", async () => {
    await using rooms = await fakeRooms();
    const { containers } = rooms.engine;
    const { id } = await containers.create(request("c1"), NEVER);
    const force = { ...REMOVE, force: true };
    const results = await Promise.allSettled([
      containers.start(id),
      containers.start(id),
      containers.stop(id, NOW),
      containers.remove(id, force),
      containers.remove(id, force),
    ]);
    assert.equal(results[0]?.status, "fulfilled");
    assert.equal(results[3]?.status, "fulfilled");
    assert.deepEqual([...rooms.present], []);
  });

  it("restarts by its policy until somebody stops it", async () => {
    await using rooms = await fakeRooms();
    const { containers } = rooms.engine;
    const id = await running(rooms, "c1", { RestartPolicy: { Name: "always" } });
    rooms.exit(id, 1);
    assert.equal(statusOf(rooms, id), "restarting");
    while (statusOf(rooms, id) !== "running") await quiet();
    assert.equal(containers.inspect(id).restartCount, 1);
    rooms.exit(id, 1);
    await containers.stop(id, NOW);
    assert.equal(statusOf(rooms, id), "exited");
    await containers.start(id);
    assert.equal(containers.inspect(id).restartCount, 0);
  });

  it("comes up although a container that its policy wants running does not get on", async (test) => {
    await using rooms = await fakeRooms();
    const id = await running(rooms, "c1", { RestartPolicy: { Name: "always" } });
    const { promise, resolve } = Promise.withResolvers<void>();
    rooms.startsAfter = promise;
    test.mock.timers.enable({ apis: ["setTimeout"] });
    let up = false;
    const recovering = rooms.engine.recover().then(() => {
      up = true;
    });
    for (let seconds = 0; seconds < 60 && !up; seconds++) {
      await new Promise((done) => setImmediate(done));
      test.mock.timers.tick(1000);
    }
    assert.ok(up, "within a minute");
    assert.equal(statusOf(rooms, id), "restarting");
    resolve();
    test.mock.timers.reset();
    await recovering;
    while (statusOf(rooms, id) !== "running") await quiet();
  });

  it("restarts an AutoRemove container without removing it", async () => {
    await using rooms = await fakeRooms();
    const id = await running(rooms, "c1", { AutoRemove: true });
    await rooms.engine.containers.restart(id, NOW);
    assert.equal(statusOf(rooms, id), "running");
    await rooms.engine.containers.stop(id, NOW);
    assert.throws(() => rooms.engine.containers.inspect(id), { kind: "notFound" });
  });

  it("tells what happens in Docker's events", async () => {
    await using rooms = await fakeRooms();
    const gone = new AbortController();
    const events = rooms.engine.system.events(
      { since: undefined, until: undefined, filters: new Map([["type", ["container"]]]) },
      gone.signal,
    );
    const { id } = await rooms.engine.containers.create(
      request("c1", {}, { Labels: { tier: "front" } }),
      NEVER,
    );
    await rooms.engine.containers.start(id);
    await rooms.engine.containers.stop(id, NOW);
    await rooms.engine.containers.remove(id, REMOVE);
    gone.abort();
    const seen: string[] = [];
    for await (const { action, actor } of events) {
      assert.deepEqual(
        [actor.attributes["name"], actor.attributes["image"], actor.attributes["tier"]],
        ["c1", "busybox", "front"],
      );
      seen.push(`${action} ${actor.attributes["signal"] ?? actor.attributes["exitCode"] ?? ""}`.trim());
    }
    assert.deepEqual(seen, ["create", "start", "kill 15", "die 143", "stop", "destroy"]);
  });

  it("prunes what does not run", async () => {
    await using rooms = await fakeRooms();
    const running_ = await running(rooms, "up");
    const { id } = await rooms.engine.containers.create(request("down", {}, { Labels: { a: "1" } }), NEVER);
    const keep = new Map([["label!", ["a=1"]]]);
    assert.deepEqual((await rooms.engine.containers.prune(keep)).deleted, []);
    assert.deepEqual((await rooms.engine.containers.prune(new Map())).deleted, [id]);
    assert.equal(statusOf(rooms, running_), "running");
  });

  it("stops everything for a shutdown, and restarts nothing after it", async () => {
    await using rooms = await fakeRooms();
    const id = await running(rooms, "c1", { RestartPolicy: { Name: "unless-stopped" } });
    await rooms.engine.shutDown();
    assert.equal(statusOf(rooms, id), "exited");
  });
});
