import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { readdirSync } from "node:fs";
import { describe, it, type TestContext } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { isDeepStrictEqual } from "node:util";
import { linuxKernel } from "../../src/kernel/index.ts";
import { execute, output, withoutRoot } from "../support/docker-cli.ts";
import { leftovers, unmountAll } from "../support/leftovers.ts";
import { NEVER, request } from "./fake-rooms.ts";
import { type RealRooms, realRooms } from "./real-rooms.ts";

/** A failure of the network is told in Docker's words. */
const asTold = (call: string): string =>
  `${call.startsWith("networks.") ? "failed to set up container networking: " : ""}${call} failed`;

/**
 * Each step of a creation and of a start is made to fail, before it has done anything and after it has done its work,
 * with the real rooms and kernel beneath; then the machine is searched for what is left. The bridge, the rules and the
 * namespaces of all this belong to a network namespace made for it: this file runs itself again inside.
 */
const INSIDE = "WHARF_TEST_INSIDE";
const name = process.env[INSIDE];

const CREATE_STEPS = [
  "layers.prepare",
  "volumes.create",
  "volumes.reserve",
  "volumes.populate",
  "layers.mount",
];
const START_STEPS = [
  "networks.setUp",
  "layers.mount",
  "rootfs.read",
  "rootfs.makeFolder",
  "volumes.mount",
  "shm.make",
  "spec.build",
  "runtime.create",
  "runtime.attach",
  "runtime.start",
];
const HOST = {
  Binds: ["named:/data"],
  IpcMode: "shareable",
  PortBindings: { "80/tcp": [{ HostPort: "8080" }] },
};
const CONFIG = { Cmd: ["sleep", "1000"], WorkingDir: "/work", Volumes: { "/tmp": {} } };
const FORCE = { force: true, volumes: true, link: false };

const create = ({ engine }: RealRooms, host: object = HOST) =>
  engine.containers.create(request(undefined, host, CONFIG), NEVER);

/** Anonymous volumes that belong to no container. */
async function orphanVolumes({ engine }: RealRooms): Promise<readonly string[]> {
  const dangling = new Map([["dangling", ["true"]]]);
  const { volumes } = await engine.volumes.list(dangling);
  return volumes.filter(({ anonymous }) => anonymous).map((volume) => volume.name);
}

/** What containers have left on the machine and in the engine's folders. */
async function remains(rooms: RealRooms, place: string): Promise<readonly string[]> {
  const ownMounts = [`/run/netns/${place}`];
  const found = await leftovers({ name: place, netns: place, cgroupParent: place, ownMounts });
  const containers = rooms.engine.containers.list({ all: true, limit: undefined, filters: new Map() });
  return [
    ...found,
    ...Array.from(containers, ({ id }) => `container ${id}`),
    ...(await orphanVolumes(rooms)).map((volume) => `volume ${volume}`),
    ...readdirSync(`/tmp/${place}/containers`).map((folder) => `folder ${folder}`),
  ];
}

/** The kernel frees a namespace, with the veth pair in it, some 40 ms after its last user: what stays longer is left. */
async function assertRemains(rooms: RealRooms, place: string, expected: readonly string[]): Promise<void> {
  const patience = Date.now() + 30_000;
  for (;;) {
    const found = await remains(rooms, place);
    if (isDeepStrictEqual(found, expected)) return;
    if (Date.now() > patience) return assert.deepEqual(found, expected);
    await sleep(20);
  }
}

async function attachAndStart({ engine }: RealRooms, id: string): Promise<void> {
  const wanted = { stdin: false, stdout: true, stderr: true, logs: false, stream: true };
  const { close } = await engine.containers.attach(id, wanted, NEVER);
  try {
    await engine.containers.start(id);
  } finally {
    close();
  }
}

async function everyStep(place: string, context: TestContext): Promise<void> {
  await using rooms = await realRooms(place);
  const { id } = await create(rooms);
  await rooms.engine.containers.remove(id, FORCE);

  for (const when of ["before", "after"] as const) {
    for (const call of CREATE_STEPS) {
      await context.test(`nothing is left of a creation when it fails ${when} ${call}`, async () => {
        rooms.failAt = { call, when };
        await assert.rejects(create(rooms), { message: `${call} failed` });
        await assertRemains(rooms, place, []);
      });
    }
    for (const call of START_STEPS) {
      await context.test(
        `nothing is left of a start when it fails ${when} ${call}, and the next one succeeds`,
        async () => {
          const { id } = await create(rooms);
          rooms.failAt = { call, when };
          await assert.rejects(attachAndStart(rooms, id), { message: asTold(call) });
          await assertRemains(rooms, place, [`container ${id}`, `folder ${id}`]);
          await rooms.engine.containers.start(id);
          await rooms.engine.containers.remove(id, FORCE);
          await assertRemains(rooms, place, []);
        },
      );
    }
  }
}

if (name !== undefined) {
  it("a step that fails", (context) => everyStep(name, context));
} else {
  describe("failures of creation and start on the real rooms", { skip: withoutRoot }, () => {
    it("leave nothing behind", { timeout: 600_000 }, async () => {
      const place = `wf${randomBytes(4).toString("hex")}`;
      await output("ip", ["netns", "add", place]);
      try {
        await output("ip", ["-n", place, "link", "set", "lo", "up"]);
        const args = [
          `--net=/run/netns/${place}`,
          process.execPath,
          "--test-reporter=tap",
          import.meta.filename,
        ];
        const env = { [INSIDE]: place, NODE_TEST_CONTEXT: "" };
        const { code, stdout, stderr } = await execute("nsenter", args, { env, timeout: 590_000 });
        assert.equal(code, 0, stdout + stderr);
      } finally {
        await unmountAll(place);
        await execute("ip", ["netns", "delete", place]);
        await linuxKernel().cgroups.remove(`/${place}`);
      }
    });
  });
}
