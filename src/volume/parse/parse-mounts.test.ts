import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { MountDocument } from "./mount-document.ts";
import { type MountSources, parseBind, parseMounts } from "./parse-mounts.ts";

const sources = (some: Partial<MountSources>): MountSources => ({
  binds: [],
  mounts: [],
  volumes: [],
  volumesFrom: [],
  tmpfs: [],
  volumeDriver: "",
  dataRoot: "/var/lib/wharf",
  ...some,
});
const refusal = (message: RegExp) => ({ kind: "invalidParameter", message });

describe("-v", () => {
  it("tells binds, named and anonymous volumes apart", () => {
    const wishes = ["/a/:/b/", "data:/d:ro,nocopy", "/anonymous"].map((spec) => parseBind(spec, ""));
    assert.deepEqual(
      wishes.map(({ type, source, destination, readonly, noCopy }) => [
        type,
        source,
        destination,
        readonly,
        noCopy,
      ]),
      [
        ["bind", "/a", "/b", false, false],
        ["volume", "data", "/d", true, true],
        ["volume", "", "/anonymous", false, false],
      ],
    );
    assert.equal(wishes[0]?.createSource, true);
  });

  it("reads propagation, labels and consistency", () => {
    assert.equal(parseBind("/a:/b:ro,rshared,z", "").propagation, "rshared");
    const one = (spec: string) => parseMounts(sources({ binds: [spec] }))[0];
    assert.equal(one("/a:/b:cached")?.propagation, "rprivate");
    assert.equal(one("/:/b")?.propagation, "rslave");
    assert.equal(one("/var/lib/wharf/volumes:/b")?.propagation, "rslave");
    assert.throws(
      () => one("/:/b:rprivate"),
      refusal(/must use either propagation mode "rslave" or "rshared"/),
    );
  });

  it("refuses bad specifications in Docker's words", () => {
    assert.throws(() => parseBind("a:b:c:d", ""), refusal(/invalid volume specification: 'a:b:c:d'/));
    assert.throws(() => parseBind(":/x", ""), refusal(/invalid volume specification/));
    assert.throws(() => parseBind("/a:relative", ""), refusal(/mount path must be absolute/));
    assert.throws(() => parseBind("/a:/", ""), refusal(/destination can't be '\/'/));
    assert.throws(() => parseBind("/a:/../..", ""), refusal(/destination can't be '\/'/));
    assert.throws(() => parseBind("/a:ro", ""), refusal(/^invalid volume specification: '\/a:ro'$/));
    assert.throws(
      () => parseBind("/a:/b:nocopy", ""),
      refusal(/invalid mount config for type "bind": field VolumeOptions must not be specified/),
    );
    assert.throws(() => parseBind("/a:/b:rw,ro", ""), refusal(/invalid mode: rw,ro/));
    assert.throws(() => parseBind("v:/b:shared", ""), refusal(/field BindOptions must not be specified/));
  });
});

describe("parseMounts", () => {
  it("refuses two mounts at one place, but lets -v override --volumes-from", () => {
    assert.throws(
      () => parseMounts(sources({ binds: ["/a:/x", "/b:/x/"] })),
      refusal(/Duplicate mount point: \/x/),
    );
    const mounts: MountDocument[] = [{ Type: "tmpfs", Target: "/x" }];
    assert.throws(() => parseMounts(sources({ binds: ["/a:/x"], mounts })), refusal(/Duplicate mount point/));
    const from = [parseBind("old:/x", "")];
    assert.equal(parseMounts(sources({ volumesFrom: from, binds: ["/a:/x"] }))[0]?.source, "/a");
  });

  it("leaves out declared volumes where something is mounted already", () => {
    const wishes = parseMounts(sources({ binds: ["/a:/x"], tmpfs: ["/t"], volumes: ["/x", "/t", "/v"] }));
    assert.deepEqual(
      wishes.map(({ destination }) => destination),
      ["/x", "/v"],
    );
  });

  it("checks --mount documents", () => {
    const one = (document: MountDocument) => parseMounts(sources({ mounts: [document] }))[0];
    assert.equal(one({ Type: "bind", Source: "/a", Target: "/b" })?.createSource, false);
    assert.equal(one({ Type: "volume", Target: "/b" })?.source, "");
    assert.throws(() => one({ Type: "bind", Target: "/b" }), refusal(/field Source must not be empty/));
    assert.throws(
      () => one({ Type: "tmpfs", Source: "/a", Target: "/b" }),
      refusal(/field Source must not be specified/),
    );
    assert.throws(
      () => one({ Type: "volume", Target: "/b", BindOptions: {} }),
      refusal(/BindOptions must not be specified/),
    );
    assert.throws(
      () => one({ Type: "volume", Source: "v", Target: "/b", VolumeOptions: { Subpath: "a/../../b" } }),
      refusal(/subpath must be a relative path/),
    );
    assert.throws(
      () => one({ Type: "volume", Target: "/b", VolumeOptions: { Subpath: "a" } }),
      refusal(/must not set Subpath when using anonymous volumes/),
    );
    assert.throws(
      () => one({ Type: "volume", Target: "/b", ReadOnly: true }),
      refusal(/must not set ReadOnly mode when using anonymous volumes/),
    );
    assert.throws(() => one({ Type: "image", Target: "/b" }), refusal(/field Source must not be empty/));
    assert.throws(
      () => one({ Type: "image", Source: "i", Target: "/b", ImageOptions: { Subpath: "/x" } }),
      refusal(/subpath must be a relative path/),
    );
    assert.throws(
      () => one({ Type: "tmpfs", Target: "/b", TmpfsOptions: { Options: [["nodev"]] } }),
      refusal(/invalid option: nodev/),
    );
    assert.throws(
      () => one({ Type: "bind", Source: "/a", Target: "/b", BindOptions: { ReadOnlyNonRecursive: true } }),
      refusal(/mount options conflict: !ReadOnly/),
    );
    assert.throws(() => one({ Type: "odd", Target: "/b" }), refusal(/mount type unknown/));
  });

  it("reads how far read-only reaches, and image mounts", () => {
    const one = (document: MountDocument) => parseMounts(sources({ mounts: [document] }))[0];
    const bind = { Type: "bind", Source: "/a", Target: "/b", ReadOnly: true };
    assert.equal(one(bind)?.readonlyReach, "possible");
    assert.equal(one({ ...bind, BindOptions: { ReadOnlyNonRecursive: true } })?.readonlyReach, "top");
    assert.equal(one({ ...bind, BindOptions: { ReadOnlyForceRecursive: true } })?.readonlyReach, "required");
    const image = one({ Type: "image", Source: "busybox", Target: "/b", ImageOptions: { Subpath: "bin" } });
    assert.deepEqual([image?.type, image?.readonly, image?.subpath], ["image", true, "bin"]);
  });
});
