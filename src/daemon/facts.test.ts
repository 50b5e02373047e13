import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";
import { engineId, openDoors, securityOptions } from "./facts.ts";

const files = { ca: "ca", cert: "cert", key: "key" };

describe("warnings about who may reach the engine", () => {
  it("name each tcp socket without encryption, or without a check of who comes", () => {
    const hosts = ["unix:///run/x.sock", "tcp://0.0.0.0:2375", "[::1]:2376"];
    const [one = "", two = "", ...more] = openDoors({ hosts, tls: undefined });
    assert.match(
      one,
      /^WARNING: API is accessible on http:\/\/0\.0\.0\.0:2375 without encryption\.\n {9}Access to/,
    );
    assert.match(two, /http:\/\/\[::1\]:2376/);
    assert.deepEqual(more, []);
    const [unchecked] = openDoors({ hosts, tls: { ...files, verify: false } });
    assert.match(unchecked ?? "", /https:\/\/0\.0\.0\.0:2375 without TLS client verification/);
  });

  it("are none where clients show certificates, or only sockets of this machine are open", () => {
    assert.deepEqual(openDoors({ hosts: ["tcp://127.0.0.1:1"], tls: { ...files, verify: true } }), []);
    assert.deepEqual(openDoors({ hosts: ["unix:///x", "fd://"], tls: undefined }), []);
    assert.deepEqual(openDoors({ hosts: undefined, tls: undefined }), []);
  });
});

describe("security options", () => {
  const defaults = { seccompProfile: "builtin", cgroupnsMode: undefined, noNewPrivileges: false } as const;
  const seccomp = "name=seccomp,profile=builtin";
  const options = (changed: object, cgroupVersion: "1" | "2") =>
    securityOptions({ apparmor: false, seccomp: true }, { ...defaults, ...changed }, cgroupVersion);

  it("name cgroup namespaces where containers have one of their own unless told otherwise", () => {
    assert.deepEqual(options({}, "1"), [seccomp]);
    assert.deepEqual(options({}, "2"), [seccomp, "name=cgroupns"]);
    assert.deepEqual(options({ cgroupnsMode: "host" }, "2"), [seccomp]);
    assert.deepEqual(options({ cgroupnsMode: "private", noNewPrivileges: true }, "1"), [
      seccomp,
      "name=cgroupns",
      "name=no-new-privileges",
    ]);
  });
});

describe("the engine's id", () => {
  it("is made once, and is all there is in its file, as in Docker's", () => {
    const folder = mkdtempSync(join(tmpdir(), "engine-id-"));
    try {
      const id = engineId(folder);
      assert.equal(readFileSync(join(folder, "engine-id"), "utf8"), id);
      assert.equal(engineId(folder), id);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
