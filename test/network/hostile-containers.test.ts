import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync, statSync, truncateSync } from "node:fs";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { before, describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { moveToOwnNetwork, withoutRoot } from "./support/own-network.ts";

moveToOwnNetwork();
const { idOf, kernel, Room, request, tcp } = await import("./support/room.ts");

/** Runs commands of `ip` in a sandbox, as a container with CAP_NET_ADMIN does. */
const ip = (netns: string | undefined, commands: readonly string[]): void => {
  execFileSync("nsenter", [`--net=${netns}`, "ip", "-batch", "-"], { input: commands.join("\n") });
};

const defaultRoutes = (netns: string | undefined): readonly (string | undefined)[] => {
  using inside = kernel.netlink.open(netns);
  return inside
    .routes(4)
    .filter(({ destination }) => destination === "default")
    .map(({ gateway }) => gateway);
};

/** Longest time that a timer was kept waiting meanwhile, ms. */
async function longestWait(body: () => Promise<unknown>): Promise<number> {
  const delay = monitorEventLoopDelay({ resolution: 1 });
  await sleep(20);
  delay.enable();
  await body();
  await sleep(5);
  delay.disable();
  return delay.max / 1e6;
}

describe("a container that changes its own network", { skip: withoutRoot }, () => {
  before(() => {
    using links = kernel.netlink.open();
    links.change(1, { up: true });
  });

  for (const [what, commands] of [
    ["deleted its interface", ["link del eth0"]],
    ["flushed its addresses", ["addr flush dev eth0"]],
  ] as const)
    it(`and ${what} can join and leave other networks, and come back`, async () => {
      await using room = new Room();
      await room.open();
      for (const name of ["first", "second"]) await room.networks.create({ name });
      const wish = { networks: { first: {} }, ports: [tcp(8071, 80)] };
      const { netns } = await room.networks.setUp(request(room, "odd", wish));
      ip(netns, commands);
      await room.networks.connect(idOf("odd"), "second", {});
      await room.networks.disconnect(idOf("odd"), "first", false);
      const [second] = room.networks.sandbox(idOf("odd"))!.endpoints;
      assert.deepEqual(defaultRoutes(netns), [second!.gateway]);
      const first = await room.networks.connect(idOf("odd"), "first", {});
      assert.deepEqual(defaultRoutes(netns), [first.gateway]);
    });

  it("and renamed its interface gets the default route of another network, and none of its own is touched", async () => {
    await using room = new Room();
    await room.open();
    for (const name of ["first", "second"]) await room.networks.create({ name });
    const { netns } = await room.networks.setUp(request(room, "odd", { networks: { second: {} } }));
    const { gateway } = room.networks.sandbox(idOf("odd"))!.endpoints[0]!;
    ip(netns, ["link set eth0 down", "link set eth0 name mine", "link set mine up"]);
    ip(netns, [`route add default via ${gateway}`, "route add default dev mine metric 7"]);
    const joined = await room.networks.connect(idOf("odd"), "first", {});
    assert.deepEqual(defaultRoutes(netns), [joined.gateway, undefined]);
    await room.networks.disconnect(idOf("odd"), "first", false);
    assert.deepEqual(defaultRoutes(netns), [gateway, undefined]);
  });

  it("with a hundred thousand routes holds up nobody", async () => {
    await using room = new Room();
    await room.open();
    await room.networks.create({ name: "second" });
    const { netns } = await room.networks.setUp(request(room, "many"));
    const routes = Array.from(
      { length: 100_000 },
      (_, n) => `route add 10.${n >> 16}.${(n >> 8) & 255}.${n & 255}/32 dev eth0`,
    );
    ip(netns, routes);
    const waited = await longestWait(async () => {
      await room.networks.connect(idOf("many"), "second", {});
      await room.networks.disconnect(idOf("many"), "second", false);
    });
    assert.ok(waited < 200, `${waited} ms`);
  });

  it("with a hosts file of a gigabyte holds up nobody, and keeps it", async () => {
    await using room = new Room();
    await room.open();
    await room.networks.create({ name: "second" });
    const { files } = await room.networks.setUp(request(room, "long"));
    const size = 2 ** 28;
    truncateSync(files.hosts, size);
    truncateSync(files.resolvConf, 2 ** 40);
    const waited = await longestWait(() => room.networks.connect(idOf("long"), "second", {}));
    assert.ok(waited < 200, `${waited} ms`);
    assert.equal(statSync(files.hosts).size, size);
    await room.networks.tearDown(idOf("long"));
    const again = await room.networks.setUp(request(room, "long"));
    assert.match(readFileSync(again.files.hosts, "utf8"), /^127\.0\.0\.1\tlocalhost\n/);
  });

  it("asks for more link-local addresses than anybody needs in vain", async () => {
    await using room = new Room();
    await room.open();
    await room.networks.create({ name: "own" });
    const LinkLocalIPs = Array.from({ length: 20_000 }, (_, n) => `169.254.${n >> 8}.${n & 255}`);
    const networks = { own: { IPAMConfig: { LinkLocalIPs } } };
    await assert.rejects(
      room.networks.setUp(request(room, "greedy", { networks })),
      /20000 link-local IP addresses: there may be 64$/,
    );
  });
});
