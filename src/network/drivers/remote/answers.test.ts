import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { EngineError } from "../../../base/errors.ts";
import { readInterface, readJoined } from "./answers.ts";

test("a plugin's answers are read", () => {
  assert.deepEqual(
    readInterface({ Interface: { Address: "10.0.0.5/24", MacAddress: "02:AA:00:00:00:01" } }, "p"),
    {
      ipv4: { ip: "10.0.0.5", prefix: 24 },
      ipv6: undefined,
      mac: "02:aa:00:00:00:01",
    },
  );
  assert.deepEqual(readInterface({}, "p"), { ipv4: undefined, ipv6: undefined, mac: "" });
  assert.deepEqual(
    readJoined({ InterfaceName: { SrcName: "x0" }, Gateway: "10.0.0.1", DisableGatewayService: true }, "p"),
    {
      source: "x0",
      gateway: "10.0.0.1",
      gateway6: "",
      disableGateway: true,
      routes: [],
    },
  );
  assert.throws(() => readInterface({ Interface: { Address: "10.0.0.5" } }, "p"), /bad address: 10\.0\.0\.5/);
  assert.throws(() => readJoined({ StaticRoutes: [{ Destination: "x" }] }, "p"), /bad route: x/);
});

test("whatever it answers is read or refused", () => {
  const answer = fc.dictionary(
    fc.constantFrom(
      "Interface",
      "InterfaceName",
      "Gateway",
      "GatewayIPv6",
      "StaticRoutes",
      "DisableGatewayService",
    ),
    fc.oneof(
      fc.jsonValue(),
      fc.dictionary(fc.constantFrom("Address", "AddressIPv6", "MacAddress", "SrcName"), fc.jsonValue()),
    ),
  );
  fc.assert(
    fc.property(answer, (value) => {
      for (const read of [readInterface, readJoined]) {
        try {
          read(value, "p");
        } catch (error) {
          assert(error instanceof EngineError, String(error));
        }
      }
    }),
  );
});
