import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { afterEach, beforeEach, describe, it } from "node:test";
import type { TarEntry } from "../../base/tar/entry.ts";
import { TarReader } from "../../base/tar/reader.ts";
import { END_OF_ARCHIVE, encodeEntry, paddingAfter } from "../../base/tar/writer.ts";
import { containerFiles } from "./container-files.ts";

const ENTRY: TarEntry = {
  type: "file",
  name: "",
  linkName: "",
  size: 0,
  mode: 0o644,
  uid: 0,
  gid: 0,
  mtime: { seconds: 1, nanoseconds: 0 },
  major: 0,
  minor: 0,
  xattrs: new Map(),
};

type Member = Partial<TarEntry> & { readonly text?: string };

async function* tarOf(...members: readonly Member[]) {
  for (const { text = "", ...entry } of members) {
    yield encodeEntry({ ...ENTRY, ...entry, size: text.length });
    yield Buffer.from(text);
    yield paddingAfter(text.length);
  }
  yield END_OF_ARCHIVE;
}

async function namesOf(tar: AsyncIterable<Uint8Array>): Promise<readonly string[]> {
  const names: string[] = [];
  const reader = new TarReader({
    entry: ({ name }) => void names.push(name),
    data: () => undefined,
    end: () => undefined,
  });
  for await (const chunk of tar) reader.write(chunk);
  reader.finish();
  return names.sort();
}

const skip = process.getuid?.() !== 0 && "needs root";
describe("copies of container files", { skip }, () => {
  let top: string;
  let root: string;
  let files: ReturnType<typeof containerFiles>;
  const { signal } = new AbortController();
  const options = { keepKinds: false };
  const view = (mounts: { source: string; destination: string; readonly: boolean }[] = []) => ({
    root,
    readonly: false,
    mounts,
  });
  beforeEach(() => {
    top = mkdtempSync(join(tmpdir(), "wharf-files-"));
    root = join(top, "root");
    mkdirSync(join(root, "etc"), { recursive: true });
    mkdirSync(join(top, "volume"));
    writeFileSync(join(top, "outside"), "host");
    writeFileSync(join(root, "etc/name"), "inside");
    files = containerFiles();
  });
  afterEach(async () => {
    await files.close();
    rmSync(top, { recursive: true });
  });

  it("names members after the path's last name", async () => {
    const tar = async (path: string) => namesOf((await files.pack(view(), path, signal)).tar);
    assert.deepEqual(await tar("/etc"), ["etc/", "etc/name"]);
    assert.deepEqual(await tar("/etc/."), ["./", "./name"]);
    assert.deepEqual(await tar("/"), ["/", "/etc/", "/etc/name"]);
    assert.deepEqual(await tar("/etc/name"), ["name"]);
  });

  it("lays mounts over the root, also at a destination behind a symlink", async () => {
    writeFileSync(join(top, "volume/v"), "volume");
    mkdirSync(join(root, "run/x"), { recursive: true });
    symlinkSync("/run", join(root, "var"));
    const mounted = view([{ source: join(top, "volume"), destination: "/var/x", readonly: false }]);
    assert.deepEqual(await namesOf((await files.pack(mounted, "/run", signal)).tar), [
      "run/",
      "run/x/",
      "run/x/v",
    ]);
    assert.equal((await files.stat(mounted, "/var/x/v")).size, 6);
  });

  it("tells where links lead, broken ones too", async () => {
    symlinkSync("../../../etc/name", join(root, "good"));
    symlinkSync(join(top, "outside"), join(root, "out"));
    symlinkSync("/proc/self/root/etc/passwd", join(root, "magic"));
    assert.equal((await files.stat(view(), "/good")).linkTarget, "/etc/name");
    assert.equal((await files.stat(view(), "/out")).linkTarget, join(top, "outside"));
    await assert.rejects(files.stat(view(), "/out/."), { code: "ENOENT" });
    await assert.rejects(files.stat(view(), "/magic/."), { code: "ENOENT" });
  });

  it("unpacks archives in every compression, and refuses damaged ones", async () => {
    const tar = Buffer.concat(await Array.fromAsync(tarOf({ name: "packed", text: "within" })));
    for (const program of ["gzip", "zstd", "bzip2", "xz"]) {
      const packed = execFileSync(program, ["-c"], { input: tar, stdio: ["pipe", "pipe", "ignore"] });
      const unpack = (bytes: Buffer) =>
        files.unpack(view(), "/", Readable.from([bytes]), { keepKinds: false }, signal);
      await unpack(packed);
      assert.equal(readFileSync(join(root, "packed"), "utf8"), "within", program);
      rmSync(join(root, "packed"));
      await assert.rejects(unpack(packed.subarray(0, 40)), { kind: "invalidParameter" }, program);
    }
  });

  it("unpacks nothing outside, whatever the archive or the tree brings", async () => {
    symlinkSync(top, join(root, "escape"));
    const into = (...members: readonly Member[]) =>
      files.unpack(view(), "/", tarOf(...members), options, signal);
    await assert.rejects(into({ name: "../x", text: "x" }), /outside of the destination/);
    await assert.rejects(
      into({ name: "l", type: "symlink", linkName: top }, { name: "l/x", text: "x" }),
      /EEXIST/,
    );
    await assert.rejects(into({ name: "escape/y", text: "y" }), /EEXIST/);
    await into({ name: "/abs", text: "z" });
    assert.ok(!existsSync(join(top, "x")) && !existsSync(join(top, "y")) && !existsSync("/abs"));
    assert.equal(readFileSync(join(root, "abs"), "utf8"), "z");
    await assert.rejects(into({ name: "hard", type: "link", linkName: `../../${top}/outside` }), /outside/);
  });

  it("replaces a folder without following what is in it", async () => {
    mkdirSync(join(root, "d"));
    symlinkSync(join(top, "volume"), join(root, "d/l"));
    writeFileSync(join(top, "volume/kept"), "");
    const member = { name: "d", text: "file" };
    await assert.rejects(
      files.unpack(view(), "/", tarOf(member), { keepKinds: true }, signal),
      /cannot overwrite/,
    );
    await files.unpack(view(), "/", tarOf(member), options, signal);
    assert.equal(readFileSync(join(root, "d"), "utf8"), "file");
    assert.ok(existsSync(join(top, "volume/kept")));
  });

  it("refuses read-only places and paths that are no folder", async () => {
    const mounted = view([{ source: join(top, "volume"), destination: "/etc", readonly: true }]);
    const write = (path: string, where = mounted) =>
      files.unpack(where, path, tarOf({ name: "a", text: "a" }), options, signal);
    await assert.rejects(write("/etc"), /mounted volume is marked read-only/);
    await assert.rejects(write("/", { ...view(), readonly: true }), /container rootfs is marked read-only/);
    await assert.rejects(write("/etc/name", view()), /extraction point is not a directory/);
  });
});
