import assert from "node:assert/strict";
import { it } from "node:test";
import { parseVlan } from "./parent.ts";

it("a VLAN is named by its parent and number", () => {
  assert.deepEqual(parseVlan("eth0.10"), { parent: "eth0", id: 10 });
  assert.deepEqual(parseVlan("bond1.4094"), { parent: "bond1", id: 4094 });
  const refused: Readonly<Record<string, RegExp>> = {
    eth9: /invalid subinterface vlan name eth9, example formatting is eth0.10/,
    "eth0.1.2": /required interface name format is: name.vlan_id.*instead received eth0.1.2/,
    ".5": /required interface name format is: name.vlan_id/,
    "eth0.x": /unable to parse a valid vlan id from: x/,
    "eth0.": /unable to parse a valid vlan id from: /,
    "eth0.0": /vlan id must be between 1-4094, received: 0/,
    "eth0.4095": /vlan id must be between 1-4094, received: 4095/,
  };
  for (const [name, message] of Object.entries(refused)) {
    assert.throws(() => parseVlan(name), { kind: "invalidParameter", message });
  }
});
