import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Choice } from "../context.ts";
import { chooseEndpoint } from "./choose.ts";
import { formatEndpoint, parseEndpoint } from "./endpoint.ts";
import { sshArguments } from "./ssh.ts";

const nothing: Choice = {
  folder: "/nonexistent",
  context: "",
  hosts: [],
  debug: false,
  autostart: false,
  tls: undefined,
};
const none = () => ({});

describe("chooseEndpoint", () => {
  it("prefers the flag, then WHARF_HOST, then DOCKER_HOST, then the default socket", () => {
    const env = { WHARF_HOST: "unix:///w", DOCKER_HOST: "unix:///d" };
    const choose = (hosts: readonly string[], from: NodeJS.ProcessEnv) =>
      chooseEndpoint({ ...nothing, hosts }, from, none);
    assert.deepEqual(choose(["unix:///f"], env), { kind: "unix", path: "/f" });
    assert.deepEqual(choose([], env), { kind: "unix", path: "/w" });
    assert.deepEqual(choose([], { DOCKER_HOST: "unix:///d" }), { kind: "unix", path: "/d" });
    assert.deepEqual(choose([], {}), { kind: "unix", path: "/run/wharf/wharf.sock" });
  });

  it("refuses a host and a context at once, and a context that is not there", () => {
    assert.throws(
      () => chooseEndpoint({ ...nothing, hosts: ["unix:///f"], context: "c" }, {}, none),
      /cannot specify both --host and --context/,
    );
    assert.throws(
      () => chooseEndpoint({ ...nothing, context: "c" }, {}, none),
      /context "c": context not found/,
    );
    assert.throws(
      () => chooseEndpoint(nothing, {}, () => ({ currentContext: "mine" })),
      /context "mine": context not found/,
    );
  });
});

describe("parseEndpoint", () => {
  it("reads and writes sockets and addresses", () => {
    for (const host of [
      "unix:///run/x.sock",
      "tcp://127.0.0.1:2376",
      "tcp://[::1]:2375",
      "ssh://me@there:2222",
    ]) {
      assert.equal(formatEndpoint(parseEndpoint(host)), host);
    }
    assert.deepEqual(parseEndpoint("tcp://engine"), { kind: "tcp", host: "engine", port: 2375 });
    assert.deepEqual(parseEndpoint("tcp://engine", { verify: true }), {
      kind: "tcp",
      host: "engine",
      port: 2376,
      tls: { verify: true },
    });
  });

  it("refuses the rest", () => {
    for (const host of ["/run/x.sock", "tcp://", "tcp://a:b", "ssh://", "foo://"]) {
      assert.throws(() => parseEndpoint(host), /invalid bind address format/, host);
    }
  });
});

describe("sshArguments", () => {
  it("keeps the host from being an option, and the socket's path from being a command", () => {
    const args = sshArguments("ssh://me@there:2222");
    assert.deepEqual(args.slice(0, 4), ["-l", "me", "-p", "2222"]);
    assert.equal(args[args.indexOf("--") + 1], "there");
    assert.throws(() => sshArguments("ssh://there/a;reboot"), /invalid socket path/);
  });
});
