import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { chooseEndpoint, formatEndpoint, parseEndpoint } from "./endpoint.ts";

describe("chooseEndpoint", () => {
  it("prefers the flag, then WHARF_HOST, then DOCKER_HOST, then the default socket", () => {
    const env = { WHARF_HOST: "unix:///w", DOCKER_HOST: "unix:///d" };
    assert.deepEqual(chooseEndpoint("unix:///f", env), { kind: "unix", path: "/f" });
    assert.deepEqual(chooseEndpoint(undefined, env), { kind: "unix", path: "/w" });
    assert.deepEqual(chooseEndpoint(undefined, { DOCKER_HOST: "unix:///d" }), { kind: "unix", path: "/d" });
    assert.deepEqual(chooseEndpoint(undefined, {}), { kind: "unix", path: "/run/wharf/wharf.sock" });
  });
});

describe("parseEndpoint", () => {
  it("reads and writes sockets and addresses", () => {
    for (const host of ["unix:///run/x.sock", "tcp://127.0.0.1:2376", "tcp://[::1]:2375"]) {
      assert.equal(formatEndpoint(parseEndpoint(host)), host);
    }
    assert.deepEqual(parseEndpoint("tcp://engine"), { kind: "tcp", host: "engine", port: 2375 });
  });

  it("refuses the rest, and says what it takes", () => {
    for (const host of ["/run/x.sock", "unix://x", "ssh://me@there", "tcp://", "tcp://a:b"]) {
      assert.throws(() => parseEndpoint(host), /write unix:\/\/\/path/, host);
    }
  });
});
