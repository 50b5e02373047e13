import assert from "node:assert/strict";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { before, describe, it } from "node:test";
import { servePlugin } from "../../src/plugin/testing/serve-plugin.ts";
import { moveToOwnNetwork, withoutRoot } from "./support/own-network.ts";

moveToOwnNetwork();
const { calm, idOf, kernel, Room, request, settled } = await import("./support/room.ts");

const IP = "10.98.0.10";
/** An engine that starts must not wait for a plugin as long as a client's request does (30 s). */
const PATIENCE = 15_000;

describe("a network plugin that is gone", { skip: withoutRoot }, () => {
  before(() => {
    using links = kernel.netlink.open();
    links.change(1, { up: true });
  });

  /** A plugin that makes a veth pair for each endpoint. */
  const serve = (folder: string) =>
    servePlugin(join(folder, "plugins", "outer.sock"), ["NetworkDriver"], (method, asked) => {
      using links = kernel.netlink.open();
      const source = `sp${String(asked["EndpointID"]).slice(0, 8)}`;
      switch (method) {
        case "NetworkDriver.GetCapabilities":
          return { Scope: "local" };
        case "NetworkDriver.CreateEndpoint":
          links.add({ kind: "veth", name: source, peer: { name: `${source}p` } });
          return { Interface: { MacAddress: "02:11:22:33:44:66" } };
        case "NetworkDriver.Join":
          return { InterfaceName: { SrcName: source, DstPrefix: "eth" } };
        case "NetworkDriver.DeleteEndpoint": {
          const link = links.find(source);
          if (link) links.remove(link.index);
        }
      }
      return {};
    });

  it("while an engine starts neither holds it up nor keeps the addresses of containers that ended", async () => {
    await using room = new Room();
    mkdirSync(join(room.folder, "plugins"));
    await room.open({ bridge: "none" });
    const clean = await calm();
    const wish = { networks: { outer: { IPAMConfig: { IPv4Address: IP } } } };
    {
      await using _plugin = await serve(room.folder);
      const ipam = { config: [{ subnet: "10.98.0.0/24" }] };
      await room.networks.create({ name: "outer", driver: "outer", ipam });
      await room.networks.setUp(request(room, "first", wish));
      await room.close();
    }
    const started = Date.now();
    await room.open({ bridge: "none" });
    assert.ok(Date.now() - started < PATIENCE, `the engine took ${Date.now() - started} ms`);
    assert.equal(room.networks.sandbox(idOf("first")), undefined);
    await using _again = await serve(room.folder);
    const box = await room.networks.setUp(request(room, "second", wish));
    assert.equal(box.endpoints[0]?.ipv4, IP);
    await room.networks.tearDown(idOf("second"));
    await room.networks.remove("outer");
    // The plugin was never told that the first endpoint is gone: its interfaces are its own to clear.
    using links = kernel.netlink.open();
    const left = links.list().filter(({ name }) => /^sp.*p$/.test(name));
    assert.equal(left.length, 1);
    for (const { index } of left) links.remove(index);
    assert.deepEqual(await settled(clean), clean, "nothing is left behind");
  });
});
