import assert from "node:assert/strict";
import { execFileSync, spawn, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { isInstalled } from "../../src/network/firewall/process.ts";
import { moveToOwnNetwork, withoutRoot } from "./support/own-network.ts";

moveToOwnNetwork();
const { ask, calm, faulty, idOf, kernel, Room, request, rules, serve, settled, tcp, variant } = await import(
  "./support/room.ts"
);
type AnyRoom = InstanceType<typeof Room>;

/** What makes iptables fail is made with nft; nothing makes nft itself fail but a fault of its own. */
const NO_FOE =
  variant() !== "iptables" || !isInstalled("nft")
    ? "needs nft, and the flavour of iptables on top of it"
    : undefined;

const PORTS = [tcp(8070, 80)];
/** More than a set-up has; the loops end with the first one that succeeds. */
const MOST_STEPS = 40;

before(() => {
  if (withoutRoot) return;
  using links = kernel.netlink.open();
  links.change(1, { up: true });
});

function removeBridge(): void {
  using links = kernel.netlink.open();
  const bridge = links.find("docker0");
  if (bridge) links.remove(bridge.index);
}

async function assertNothingLeft(room: AnyRoom, quiet: readonly string[], when: string): Promise<void> {
  assert.deepEqual(await settled(quiet), quiet, when);
  for (let tries = 0; room.count("sandboxes") > 0 && tries < 1500; tries++) await sleep(20);
  const left = [room.namespaces(), room.count("sandboxes"), room.count("ipam_addresses")];
  assert.deepEqual(left, [[], 0, 0], when);
}

describe("a set-up that fails leaves nothing", { skip: withoutRoot }, () => {
  after(removeBridge);

  it("whichever step in the kernel it is", async () => {
    let steps = 0;
    for (let n = 1; n < MOST_STEPS; n++) {
      await using room = new Room();
      const port = faulty(n, () => {
        throw new Error(`step ${n} fails`);
      });
      await room.open({}, [], port);
      const quiet = await calm();
      port.arm();
      const failure = await room.networks.setUp(request(room, "shaky", { ports: PORTS })).then(
        () => undefined,
        (error: unknown) => error,
      );
      port.disarm();
      if (!failure) break;
      steps = n;
      await assertNothingLeft(room, quiet, `after step ${n}`);
      assert.equal(await ask("127.0.0.1", 8070), "ECONNREFUSED");
    }
    assert.ok(steps >= 8 && steps < MOST_STEPS - 1, `${steps} steps`);
  });

  // The second one by name takes over the default route, and the ports with it.
  for (const name of ["second", "aside"])
    it(`when network ${name} cannot be joined, also not while it runs`, async () => {
      let steps = 0;
      for (let n = 1; n < MOST_STEPS; n++) {
        await using room = new Room();
        const port = faulty(n, () => {
          throw new Error(`step ${n} fails`);
        });
        await room.open({}, [], port);
        await room.networks.create({ name });
        const sandbox = await room.networks.setUp(request(room, "joins", { ports: PORTS }));
        const quiet = await calm();
        port.arm();
        const failure = await room.networks.connect(idOf("joins"), name, {}).then(
          () => undefined,
          (error: unknown) => error,
        );
        port.disarm();
        if (!failure) break;
        steps = n;
        assert.deepEqual(await settled(quiet), quiet, `after step ${n}`);
        assert.deepEqual(room.networks.sandbox(idOf("joins")), sandbox);
        assert.equal(room.count("ipam_addresses"), 1);
      }
      assert.ok(steps >= 5 && steps < MOST_STEPS - 1, `${steps} steps`);
    });

  it("when a network cannot be made", async () => {
    for (let n = 1; n < MOST_STEPS; n++) {
      await using room = new Room();
      const port = faulty(n, () => {
        throw new Error(`step ${n} fails`);
      });
      await room.open({}, [], port);
      const quiet = await calm();
      port.arm();
      const failure = await room.networks.create({ name: "fails" }).then(
        () => undefined,
        (error: unknown) => error,
      );
      port.disarm();
      if (!failure) break;
      assert.deepEqual(await settled(quiet), quiet, `after step ${n}`);
      assert.equal(room.networks.list().length, 3);
    }
  });

  it("when a port cannot be added to a container that runs, whichever step it is", async () => {
    let steps = 0;
    for (let n = 1; n < MOST_STEPS; n++) {
      await using room = new Room();
      const port = faulty(n, () => {
        throw new Error(`step ${n} fails`);
      });
      await room.open({}, [], port);
      const sandbox = await room.networks.setUp(request(room, "gains"));
      const quiet = await calm();
      port.arm();
      const failure = await room.networks.publish(idOf("gains"), PORTS).then(
        () => undefined,
        (error: unknown) => error,
      );
      port.disarm();
      if (!failure) break;
      steps = n;
      assert.deepEqual(await settled(quiet), quiet, `after step ${n}`);
      assert.deepEqual(room.networks.sandbox(idOf("gains")), sandbox);
      assert.equal(await ask("127.0.0.1", 8070), "ECONNREFUSED");
      await room.networks.publish(idOf("gains"), PORTS);
    }
    assert.ok(steps >= 1, `${steps} steps`);
  });

  it("when a port that is added is taken", async () => {
    await using room = new Room();
    await room.open();
    const sandbox = await room.networks.setUp(request(room, "gains", { ports: PORTS }));
    const quiet = await calm();
    await assert.rejects(
      room.networks.publish(idOf("gains"), [tcp(8071, 80), tcp(8070, 81)]),
      /Bind for 0\.0\.0\.0:8070 failed: port is already allocated$/,
    );
    assert.deepEqual(await settled(quiet), quiet);
    assert.deepEqual(room.networks.sandbox(idOf("gains")), sandbox);
    assert.equal(await ask("127.0.0.1", 8071), "ECONNREFUSED");
  });

  it("when the disk refuses", async () => {
    await using room = new Room();
    await room.open();
    const quiet = await calm();
    writeFileSync(join(room.folder, "container-disk"), "a file where the folder should be");
    await assert.rejects(room.networks.setUp(request(room, "disk", { ports: PORTS })));
    await assertNothingLeft(room, quiet, "after the files");
  });

  it("when the firewall refuses", { skip: NO_FOE }, async () => {
    await using room = new Room();
    await room.open();
    // Something else has taken the chain's name, for another purpose: no rule of a filter can go there.
    execFileSync("nft", ["delete", "table", "ip", "filter"]);
    execFileSync("nft", ["add", "table", "ip", "filter"]);
    execFileSync("nft", [
      "add",
      "chain",
      "ip",
      "filter",
      "FORWARD",
      "{ type nat hook prerouting priority -100; }",
    ]);
    const quiet = await calm();
    await assert.rejects(
      room.networks.setUp(request(room, "rules", { ports: PORTS })),
      /iptables-restore failed/,
    );
    await assertNothingLeft(room, quiet, "after the rules");
    const sandbox = await room.networks.setUp(request(room, "gains"));
    const before = await calm();
    await assert.rejects(room.networks.publish(idOf("gains"), PORTS), /iptables-restore failed/);
    assert.deepEqual(await settled(before), before);
    assert.deepEqual(room.networks.sandbox(idOf("gains")), sandbox);
    execFileSync("nft", ["delete", "table", "ip", "filter"]);
  });

  it("when the firewall refuses to remove: what nobody wants goes with the next change", {
    skip: NO_FOE,
  }, async () => {
    await using room = new Room();
    await room.open();
    const quiet = await calm();
    await room.networks.setUp(request(room, "goes", { ports: PORTS }));
    execFileSync("nft", ["delete", "table", "ip", "filter"]);
    execFileSync("nft", ["add", "table", "ip", "filter"]);
    const foe = "{ type nat hook prerouting priority -100; }";
    execFileSync("nft", ["add", "chain", "ip", "filter", "FORWARD", foe]);
    await assert.rejects(room.networks.tearDown(idOf("goes")), /iptables-restore failed/);
    execFileSync("nft", ["delete", "table", "ip", "filter"]);
    await room.networks.create({ name: "next" });
    await room.networks.remove("next");
    assert.deepEqual((await settled(quiet)).toSorted(), quiet.toSorted());
  });
});

describe("a container whose namespace file somebody unmounted", { skip: withoutRoot }, () => {
  after(removeBridge);

  for (const [what, lose] of [
    ["unmounted", (path: string) => execFileSync("umount", [path])],
    ["removed", (path: string) => execFileSync("sh", ["-c", `umount ${path}; rm ${path}`])],
  ] as const)
    it(`is found again by its process when the file was ${what}`, async () => {
      await using room = new Room();
      await room.open();
      const sandbox = await room.networks.setUp(request(room, "lost", { ports: PORTS }));
      const process = spawn("nsenter", [`--net=${sandbox.netns}`, "sleep", "1000"]);
      try {
        using _server = await serve(sandbox, 80);
        await room.close();
        lose(sandbox.netns!);
        await room.open({}, [idOf("lost")], kernel, () => process.pid);
        assert.deepEqual(room.networks.sandbox(idOf("lost")), sandbox);
        assert.equal(await ask("127.0.0.1", 8070), "172.17.0.1");
        await room.networks.create({ name: "another" });
        await room.networks.connect(idOf("lost"), "another", {});
      } finally {
        process.kill("SIGKILL");
      }
    });

  it("is not found by a process that has gone to another namespace", async () => {
    await using room = new Room();
    await room.open();
    const { netns } = await room.networks.setUp(request(room, "lost"));
    await room.close();
    execFileSync("umount", [netns!]);
    await room.open({}, [idOf("lost")], kernel, () => process.pid);
    assert.equal(room.networks.sandbox(idOf("lost")), undefined);
    assert.deepEqual(room.namespaces(), []);
  });
});

describe("an engine killed in the middle of a set-up", { skip: withoutRoot }, () => {
  let folder: string;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), "wharf-network-"));
  });
  after(() => {
    removeBridge();
    rmSync(folder, { recursive: true, force: true });
  });

  it("leaves only what the next one removes", async () => {
    const victim = join(import.meta.dirname, "support/killed-engine.ts");
    const first = new Room(folder);
    await first.open();
    const quiet = await calm();
    await first.close();
    let killed = 0;
    for (let n = 1; n < MOST_STEPS; n++) {
      const { signal, status, stderr } = spawnSync(process.execPath, [victim, folder, String(n)], {
        encoding: "utf8",
      });
      const room = new Room(folder);
      await room.open();
      // The last change of the killed one may still be on its way: the next look at the rules takes it back.
      for (let tries = 0; (await settled(quiet)).join() !== quiet.join() && tries < 3; tries++)
        await room.networks.reload();
      await assertNothingLeft(room, quiet, `killed at step ${n}`);
      await room.close();
      if (signal !== "SIGKILL") {
        assert.equal(status, 0, stderr);
        break;
      }
      killed = n;
    }
    assert.ok(killed >= 8 && killed < MOST_STEPS - 1, `${killed} steps`);
  });
});

describe("an engine killed while a running container joins or leaves a network", {
  skip: withoutRoot,
}, () => {
  let folder: string;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), "wharf-network-"));
  });
  after(() => {
    removeBridge();
    rmSync(folder, { recursive: true, force: true });
  });

  /** What a record says of the other network, and what is in the sandbox. Its ports are published once, where it says. */
  function sides(room: AnyRoom): readonly [boolean, boolean] {
    const sandbox = room.networks.sandbox(idOf("victim"))!;
    const endpoint = sandbox.endpoints.find(({ networkName }) => networkName === "aside");
    using inside = kernel.netlink.open(sandbox.netns);
    const link = inside.find("eth1");
    const addressed = link && inside.addresses(link.index).some(({ ip }) => ip === endpoint?.ipv4);
    assert.equal(link?.up ?? false, addressed ?? false);
    const hosts = readFileSync(sandbox.files.hosts, "utf8").split("\n");
    const lines = hosts.filter((line) => /^172\.18\./.test(line));
    assert.equal(lines.length, endpoint ? 1 : 0, hosts.join("\n"));
    assert.equal(inside.routes(4).filter(({ destination }) => destination === "default").length, 1);
    const sent = rules().filter((line) => line.includes(`8070`) && /DNAT|published_any/.test(line));
    assert.equal(sent.length, 1, sent.join("\n"));
    const ip = (endpoint ?? sandbox.endpoints[0])?.ipv4;
    assert.ok(
      sent.some((line) => line.includes(`${ip}`)),
      sent.join("\n"),
    );
    return [endpoint !== undefined, addressed ?? false];
  }

  it("has both or neither: record and interface", async () => {
    const victim = join(import.meta.dirname, "support/killed-connect.ts");
    const first = new Room(folder);
    await first.open();
    const empty = await calm();
    await first.networks.create({ name: "aside" });
    await first.networks.setUp(request(first, "victim", { ports: PORTS }));
    await first.close();
    for (const verb of ["connect", "disconnect"]) {
      let killed = 0;
      for (let n = 1; n < MOST_STEPS; n++) {
        const child = spawnSync(process.execPath, [victim, folder, verb, String(n)], { encoding: "utf8" });
        const room = new Room(folder);
        await room.open({}, [idOf("victim")]);
        const [recorded, there] = sides(room);
        assert.equal(there, recorded, `killed at step ${n} of ${verb}`);
        assert.equal(room.count("ipam_addresses"), recorded ? 2 : 1);
        const done = child.signal !== "SIGKILL";
        if (done) assert.equal(child.status, 0, child.stderr);
        // For the next round, and for the next verb, as it was before.
        if (!done && recorded !== (verb === "disconnect")) {
          if (recorded) await room.networks.disconnect(idOf("victim"), "aside", false);
          else await room.networks.connect(idOf("victim"), "aside", {});
        }
        await room.close();
        if (done) break;
        killed = n;
      }
      assert.ok(killed >= 2 && killed < MOST_STEPS - 1, `${killed} steps of ${verb}`);
    }
    const last = new Room(folder);
    await last.open();
    await last.networks.remove("aside");
    assert.deepEqual(await settled(empty), empty);
    await last.close();
  });
});

describe("an engine killed while a network is made or removed", { skip: withoutRoot }, () => {
  let folder: string;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), "wharf-network-"));
  });
  after(() => {
    removeBridge();
    rmSync(folder, { recursive: true, force: true });
  });

  /** Whether there is the network, which then has its bridge with both addresses, or neither. */
  function isThere(room: AnyRoom, when: string): boolean {
    using links = kernel.netlink.open();
    const record = room.networks.list().find(({ name }) => name === "made");
    const bridges = links.list().filter(({ name }) => name.startsWith("br-"));
    assert.equal(bridges.length, record ? 1 : 0, when);
    const [bridge] = bridges;
    if (!record || !bridge) return false;
    assert.equal(bridge.up, true, when);
    const addresses = links.addresses(bridge.index).map(({ ip }) => ip);
    for (const { gateway } of record.ipam.config) assert.ok(addresses.includes(gateway ?? ""), when);
    return true;
  }

  for (const verb of ["create", "remove"])
    it(`has both or neither, record and bridge, after ${verb}`, async () => {
      const victim = join(import.meta.dirname, "support/killed-network.ts");
      const first = new Room(folder);
      await first.open();
      const empty = await calm();
      if (verb === "remove") await first.networks.create({ name: "made", enableIPv6: true });
      await first.close();
      let killed = 0;
      for (let n = 1; n < MOST_STEPS; n++) {
        const child = spawnSync(process.execPath, [victim, folder, verb, String(n)], { encoding: "utf8" });
        const room = new Room(folder);
        await room.open();
        const there = isThere(room, `killed at step ${n} of ${verb}`);
        const done = child.signal !== "SIGKILL";
        if (done) assert.equal(child.status, 0, child.stderr);
        if (there && (done || verb === "create")) await room.networks.remove("made");
        if (!there && !done && verb === "remove")
          await room.networks.create({ name: "made", enableIPv6: true });
        await room.close();
        if (done) break;
        killed = n;
      }
      assert.ok(killed >= 1 && killed < MOST_STEPS - 1, `${killed} steps of ${verb}`);
      const last = new Room(folder);
      await last.open();
      assert.deepEqual(await settled(empty), empty);
      await last.close();
    });
});
