import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { KernelError } from "../../kernel/index.ts";
import { checkLocalOptions, mountFailure, mountOf } from "./options.ts";

const refusal = (message: string) => ({ kind: "invalidParameter", message });

describe("options of local volumes", () => {
  it("stand for a mount: known words are flags, the rest is the filesystem's", () => {
    const options = { type: "nfs", device: ":/x", o: "addr=10.0.0.1,ro,noexec,exec,rw,soft,nolock,defaults" };
    assert.deepEqual(mountOf(options, "/t"), {
      source: ":/x",
      target: "/t",
      type: "nfs",
      flags: [],
      data: "addr=10.0.0.1,soft,nolock",
    });
    const bind = { type: "none", device: "/a", o: "bind,ro" };
    assert.deepEqual(mountOf(bind, "/t"), { source: "/a", target: "/t", flags: ["bind", "ro"] });
    assert.equal(mountOf({}, "/t"), undefined);
  });

  it("are refused in Docker's words", () => {
    assert.throws(() => checkLocalOptions({ nosuch: "1" }, () => false), refusal('invalid option: "nosuch"'));
    assert.throws(
      () => checkLocalOptions({ device: "x" }, () => false),
      refusal('missing required option: "type"'),
    );
    assert.throws(() => checkLocalOptions({ size: "1x" }, () => false), refusal("invalid size: '1x'"));
    assert.throws(
      () => checkLocalOptions({ type: "cifs", device: "//h:445/x" }, () => false),
      refusal("port not allowed in CIFS device URL, include 'port' in 'o='"),
    );
    checkLocalOptions({ size: "1m" }, () => true);
    checkLocalOptions({ type: "tmpfs", device: "tmpfs", o: "size=1m" }, () => false);
  });

  it("never show a password", () => {
    const request = { source: "//h/x", target: "/t", type: "cifs", data: "user=a,password=secret,vers=3" };
    const failure = mountFailure(request, new KernelError("mount", "ECONNREFUSED", 111, ""));
    assert.equal(
      failure.message,
      "error while mounting volume '/t': failed to mount local volume: mount //h/x:/t, data: user=a,password=********,vers=3: connection refused",
    );
  });
});
