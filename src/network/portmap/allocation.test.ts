import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { hostAddresses, PortTable, showAddress } from "./allocation.ts";

const any = { hostIp: "", hostPort: 0, hostPortEnd: 0, containerPort: 80, protocol: "tcp" } as const;

describe("the table of host ports", () => {
  it("knows that a wildcard takes a port on every address of its family", () => {
    const table = new PortTable();
    table.take("10.0.0.1", 80, "tcp");
    assert.ok(table.isFree("10.0.0.2", 80, "tcp"));
    assert.ok(!table.isFree("0.0.0.0", 80, "tcp"));
    assert.ok(!table.isFree("10.0.0.1", 80, "tcp"));
    assert.ok(table.isFree("::", 80, "tcp"));
    assert.ok(table.isFree("0.0.0.0", 80, "udp"));
    table.take("0.0.0.0", 81, "tcp");
    assert.ok(!table.isFree("127.0.0.1", 81, "tcp"));
    table.release({ hostIp: "10.0.0.1", hostPort: 80, protocol: "tcp" });
    assert.ok(table.isFree("0.0.0.0", 80, "tcp"));
  });

  it("keeps what the engine itself listens on, whatever is released", () => {
    const table = new PortTable([{ ip: "127.0.0.1", port: 2375 }]);
    table.release({ hostIp: "127.0.0.1", hostPort: 2375, protocol: "tcp" });
    const free = (ip: string, protocol: "tcp" | "udp") => table.isFree(ip, 2375, protocol);
    assert.deepEqual(
      [free("127.0.0.1", "tcp"), free("0.0.0.0", "tcp"), free("10.0.0.1", "tcp"), free("0.0.0.0", "udp")],
      [false, false, true, true],
    );
  });

  it("tries a range in order, and ephemeral ports once around", () => {
    const table = new PortTable();
    assert.deepEqual([...table.candidates({ ...any, hostPort: 80, hostPortEnd: 82 }, [1, 2])], [80, 81, 82]);
    assert.deepEqual([...table.candidates(any, [10, 13])], [10, 11, 12, 13]);
    assert.equal(table.candidates(any, [10, 13]).next().value, 10);
    assert.equal(table.candidates(any, [10, 13]).next().value, 11);
  });

  it("publishes on both families unless told otherwise", () => {
    assert.deepEqual(hostAddresses(any, "0.0.0.0"), ["0.0.0.0", "::"]);
    assert.deepEqual(hostAddresses(any, "192.0.2.1"), ["192.0.2.1"]);
    assert.deepEqual(hostAddresses({ ...any, hostIp: "0.0.0.0" }, "192.0.2.1"), ["0.0.0.0"]);
    assert.equal(showAddress("::", 80), "[::]:80");
  });
});
