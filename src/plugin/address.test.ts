import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { EngineError } from "../base/errors.ts";
import { parseAddress, parseJsonSpec } from "./address.ts";

test("addresses of spec files", () => {
  const at = (text: string) => parseAddress(text, "x.spec");
  assert.deepEqual(at("unix:///run/x y.sock"), { socket: "/run/x y.sock" });
  assert.deepEqual(at("unix:///run/%zz"), { socket: "/run/%zz" });
  assert.deepEqual(at("tcp://localhost:8080"), { host: "localhost", port: 8080, tls: undefined });
  assert.deepEqual(at("http://[::1]:99"), { host: "::1", port: 99, tls: undefined });
  assert.equal((at("https://plugin.test") as { port: number }).port, 443);
  for (const bad of ["", "x", "unix://", "unix://run/x", "ftp://x", "tcp://", "unix:///"])
    assert.throws(() => at(bad), EngineError);
});

test("a json file may ask for TLS", () => {
  const TLSConfig = { CAFile: "/ca", CertFile: "/cert", KeyFile: "/key", InsecureSkipVerify: true };
  const tls = { ca: "/ca", cert: "/cert", key: "/key", insecure: true };
  assert.deepEqual(parseJsonSpec(JSON.stringify({ Name: "x", Addr: "tcp://h:1", TLSConfig }), "x.json"), {
    host: "h",
    port: 1,
    tls,
  });
});

test("any content of a file is an address or a refusal", () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.json()), (content) => {
      for (const read of [parseAddress, parseJsonSpec]) {
        try {
          read(content, "file");
        } catch (error) {
          assert(error instanceof EngineError, String(error));
        }
      }
    }),
  );
});
