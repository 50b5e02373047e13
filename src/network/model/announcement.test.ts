import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { announcements, readSchedule } from "./announcement.ts";

const hex = (bytes: Uint8Array | undefined) => Buffer.from(bytes ?? []).toString("hex");
const MAC = "02:42:0a:00:00:05";

describe("announcements", () => {
  it("of IPv4 are gratuitous ARP requests", () => {
    const [frame, ...more] = announcements(MAC, "10.0.0.5", "");
    assert.deepEqual(more, []);
    assert.equal(
      hex(frame),
      [
        "ffffffffffff" + "02420a000005" + "0806",
        "0001" + "0800" + "06" + "04" + "0001",
        "02420a000005" + "0a000005" + "000000000000" + "0a000005",
      ].join(""),
    );
  });

  it("of IPv6 are unsolicited advertisements to all nodes, with their checksum", () => {
    const [frame] = announcements(MAC, "", "fd00::5");
    assert.equal(
      hex(frame),
      [
        "333300000001" + "02420a000005" + "86dd",
        "60000000" + "0020" + "3a" + "ff",
        "fd000000000000000000000000000005" + "ff020000000000000000000000000001",
        "8800" + "504d" + "20000000" + "fd000000000000000000000000000005",
        "0201" + "02420a000005",
      ].join(""),
    );
  });

  it("are none without addresses, one for each family otherwise", () => {
    assert.deepEqual(announcements(MAC, "", ""), []);
    assert.equal(announcements(MAC, "10.0.0.5", "fd00::5").length, 2);
  });
});

describe("the schedule", () => {
  it("is Docker's unless the network says otherwise", () => {
    assert.deepEqual(readSchedule({}), { times: 3, interval: 1000 });
    assert.deepEqual(
      readSchedule({
        "com.docker.network.advertise_addr_nmsgs": "0",
        "com.docker.network.advertise_addr_ms": "100",
      }),
      { times: 0, interval: 100 },
    );
  });

  it("refuses what is no number or too much", () => {
    for (const value of ["x", "-1", "4"])
      assert.throws(() => readSchedule({ "com.docker.network.advertise_addr_nmsgs": value }), {
        kind: "invalidParameter",
      });
    assert.throws(() => readSchedule({ "com.docker.network.advertise_addr_ms": "99" }), /100 to 2000/);
  });
});
