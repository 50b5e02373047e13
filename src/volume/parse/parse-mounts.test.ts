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
    assert.equal(parseBind("/a:/b:cached", "").propagation, "rprivate");
  });

  it("refuses bad specifications in Docker's words", () => {
    assert.throws(() => parseBind("a:b:c:d", ""), refusal(/invalid volume specification: 'a:b:c:d'/));
    assert.throws(() => parseBind(":/x", ""), refusal(/invalid volume specification/));
    assert.throws(() => parseBind("/a:relative", ""), refusal(/mount path must be absolute/));
    assert.throws(() => parseBind("/a:/", ""), refusal(/destination can't be '\/'/));
    assert.throws(() => parseBind("/a:/../..", ""), refusal(/destination can't be '\/'/));
    assert.throws(
      () => parseBind("../x:/b", ""),
      refusal(/includes invalid characters for a local volume name/),
    );
    assert.throws(() => parseBind("/a:/b:rw,ro", ""), refusal(/invalid mode: rw,ro/));
    assert.throws(() => parseBind("v:/b:shared", ""), refusal(/invalid mode: shared/));
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
    assert.throws(() => one({ Type: "odd", Target: "/b" }), refusal(/mount type unknown/));
  });
});
