import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { before, describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { moveToOwnNetwork, withoutRoot } from "./support/own-network.ts";

moveToOwnNetwork();
const { ask, idOf, kernel, Room, request, rules, serve, tcp, variant } = await import("./support/room.ts");

const CONFIG = { ipv6: true, fixedCidr6: "fd48::/64" };

/** As firewalld does when it reloads: all of both families goes, also what is not its own. */
function flushEverything(): void {
  if (variant() === "nftables") return void execFileSync("nft", ["flush", "ruleset"]);
  for (const program of ["iptables", "ip6tables"]) {
    for (const table of ["filter", "nat", "mangle"]) {
      execFileSync(program, ["-t", table, "-F"]);
      execFileSync(program, ["-t", table, "-X"]);
    }
  }
}

describe("rules of both families that somebody flushed", { skip: withoutRoot }, () => {
  before(() => {
    using links = kernel.netlink.open();
    links.change(1, { up: true });
  });

  /** A container with a port of both families; `ofPort` counts the rules that lead to it. */
  async function withPort(body: (room: InstanceType<typeof Room>, ofPort: () => number) => Promise<void>) {
    await using room = new Room();
    await room.open(CONFIG);
    const web = await room.networks.setUp(request(room, "web", { ports: [tcp(8340, 80)] }));
    using _server = await serve(web, 80, "::");
    const all = rules().toSorted();
    const ofPort = () => rules().filter((rule) => rule.includes("8340")).length;
    assert.equal(ofPort(), 2, "one of each family");
    await body(room, ofPort);
    assert.deepEqual(rules().toSorted(), all, "each where it was, and none twice");
    assert.equal(await ask("127.0.0.1", 8340), "::ffff:172.17.0.1");
  }

  it("come back when the engine is told to look (SIGHUP)", () =>
    withPort(async (room, ofPort) => {
      flushEverything();
      assert.equal(ofPort(), 0);
      await room.networks.reload();
      assert.equal(ofPort(), 2);
    }));

  it("come back within half a minute by themselves", () =>
    withPort(async (_room, ofPort) => {
      // An engine looks soon after its start, too: this is about the looks after that.
      await sleep(4000);
      flushEverything();
      assert.equal(ofPort(), 0);
      const deadline = Date.now() + 40_000;
      while (Date.now() < deadline && ofPort() < 2) await sleep(500);
      assert.equal(ofPort(), 2);
    }));
});

describe("a bridge that somebody deleted", { skip: withoutRoot }, () => {
  const deleted = (bridge: string) => execFileSync("ip", ["link", "delete", bridge]);

  for (const [what, restore] of [
    ["when the engine is told to look (SIGHUP)", (room) => room.networks.reload()],
    ["with the next container", (room) => room.networks.setUp(request(room, "next"))],
    [
      "with the next container that joins",
      async (room) => {
        await room.networks.setUp(request(room, "joins", { networks: { other: {} } }));
        await room.networks.connect(idOf("joins"), "bridge", {});
      },
    ],
  ] as const satisfies readonly [string, (room: InstanceType<typeof Room>) => Promise<unknown>][])
    it(`comes back with its containers ${what}`, async () => {
      await using room = new Room();
      await room.open(CONFIG);
      await room.networks.create({ name: "other" });
      const web = await room.networks.setUp(request(room, "web", { ports: [tcp(8340, 80)] }));
      using _server = await serve(web, 80, "::");
      deleted("docker0");
      await restore(room);
      assert.equal(await ask("127.0.0.1", 8340), "::ffff:172.17.0.1");
      using inside = kernel.netlink.open(web.netns);
      assert.ok(inside.find("eth0")?.up);
    });

  it("stays away when its network is being removed", async () => {
    await using room = new Room();
    await room.open(CONFIG);
    const { id } = await room.networks.create({ name: "gone" });
    await Promise.all([room.networks.remove("gone"), room.networks.reload()]);
    using links = kernel.netlink.open();
    assert.equal(links.find(`br-${id.slice(0, 12)}`), undefined);
  });
});
