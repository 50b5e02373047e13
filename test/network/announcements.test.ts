import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { moveToOwnNetwork, withoutRoot } from "./support/own-network.ts";

moveToOwnNetwork();
const { calm, idOf, kernel, Room, request, settled } = await import("./support/room.ts");
type Sandbox = import("../../src/network/network.ts").Sandbox;

const NETWORK = "told";
const ADDRESSES = { IPv4Address: "10.61.0.5", IPv6Address: "fd61::5" };
const FIRST = "02:00:00:00:00:01";
const SECOND = "02:00:00:00:00:02";
const TIMES = "com.docker.network.advertise_addr_nmsgs";
const INTERVAL = "com.docker.network.advertise_addr_ms";

describe("addresses that go to another MAC", { skip: withoutRoot }, () => {
  const room = new Room();
  let clean: readonly string[];

  before(async () => {
    using links = kernel.netlink.open();
    links.change(1, { up: true });
    await room.open();
    clean = await calm();
  });
  after(async () => {
    assert.deepEqual(await settled(clean), clean, "nothing is left behind");
    await room[Symbol.asyncDispose]();
  });

  /** What a neighbour remembers of the addresses. */
  function remembered({ netns }: Sandbox): readonly (string | undefined)[] {
    using links = kernel.netlink.open(netns);
    const known = links.neighbours();
    return Object.values(ADDRESSES).map((ip) => known.find((one) => one.ip === ip)?.mac);
  }

  /** As if it had spoken to the first owner of the addresses a moment ago. */
  function remember({ netns }: Sandbox): void {
    using links = kernel.netlink.open(netns);
    const index = links.find("eth0")!.index;
    for (const ip of Object.values(ADDRESSES))
      links.addNeighbour({ index, ip, mac: FIRST, state: "reachable" });
  }

  async function learnt(neighbour: Sandbox, patience = 5000): Promise<readonly (string | undefined)[]> {
    const deadline = Date.now() + patience;
    while (Date.now() < deadline && remembered(neighbour).includes(FIRST)) await sleep(20);
    return remembered(neighbour);
  }

  /** A neighbour that remembers the first MAC, while `join` puts a container there that has the second. */
  async function moved(
    options: Readonly<Record<string, string>>,
    join: () => Promise<unknown>,
    look: (neighbour: Sandbox) => Promise<void>,
  ): Promise<void> {
    const ipam = { config: [{ subnet: "10.61.0.0/24" }, { subnet: "fd61::/64" }] };
    await room.networks.create({ name: NETWORK, enableIPv6: true, ipam, options });
    try {
      const neighbour = await room.networks.setUp(
        request(room, "neighbour", { networks: { [NETWORK]: {} } }),
      );
      remember(neighbour);
      await join();
      await look(neighbour);
    } finally {
      for (const name of ["neighbour", "moved"]) await room.networks.tearDown(idOf(name));
      await room.networks.remove(NETWORK);
    }
  }
  const endpoint = { MacAddress: SECOND, IPAMConfig: ADDRESSES };
  const start = () => room.networks.setUp(request(room, "moved", { networks: { [NETWORK]: endpoint } }));

  it("are told to neighbours when a container starts", () =>
    moved({}, start, async (neighbour) => assert.deepEqual(await learnt(neighbour), [SECOND, SECOND])));

  it("... by the very first message already", () =>
    moved({ [TIMES]: "1" }, start, async (neighbour) =>
      assert.deepEqual(await learnt(neighbour), [SECOND, SECOND]),
    ));

  it("... when a running one is connected", () => {
    const join = async () => {
      await room.networks.setUp(request(room, "moved"));
      await room.networks.connect(idOf("moved"), NETWORK, endpoint);
    };
    return moved({}, join, async (neighbour) => assert.deepEqual(await learnt(neighbour), [SECOND, SECOND]));
  });

  it("... as often as the network says, which may be never", async () => {
    await moved({ [TIMES]: "0" }, start, async (neighbour) =>
      assert.deepEqual(await learnt(neighbour, 700), [FIRST, FIRST]),
    );
    await moved({ [TIMES]: "2", [INTERVAL]: "100" }, start, async (neighbour) => {
      assert.deepEqual(await learnt(neighbour), [SECOND, SECOND]);
      remember(neighbour);
      assert.deepEqual(await learnt(neighbour), [SECOND, SECOND], "the second message");
      remember(neighbour);
      assert.deepEqual(await learnt(neighbour, 500), [FIRST, FIRST], "there is no third");
    });
  });
});
