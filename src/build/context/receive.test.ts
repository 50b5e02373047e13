import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { gzipSync, zstdCompressSync } from "node:zlib";
import fc from "fast-check";
import { type Header, pack } from "tar-stream";
import { EngineError } from "../../base/errors.ts";
import { checksumOf } from "./checksum.ts";
import { MemoryTree } from "./memory-tree.ts";
import { receiveTar } from "./receive.ts";
import { bytesOf } from "./tree.ts";

const signal = new AbortController().signal;
let folder = "";
before(async () => {
  folder = await mkdtemp(join(tmpdir(), "wharf-context-"));
});
after(() => rm(folder, { recursive: true, force: true }));

type Entry = Partial<Header> & { readonly name: string; readonly data?: string };

async function tar(...entries: readonly Entry[]) {
  const archive = pack();
  for (const { data, ...header } of entries) archive.entry(header, data ?? "");
  archive.finalize();
  return Buffer.concat(await Array.fromAsync(archive as AsyncIterable<Uint8Array>));
}
async function* chunks(bytes: Uint8Array, size = 1000) {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}
const receive = (bytes: Uint8Array) =>
  receiveTar(chunks(bytes), join(folder, "bodies"), { signal, mayEndEarly: true });

describe("receiving a context", () => {
  it("reads files, folders and links, compressed or not", async () => {
    const bytes = await tar(
      { name: "./", type: "directory", mode: 0o700 },
      { name: "./a/b", data: "hello", mode: 0o640 },
      { name: "up", type: "symlink", linkname: "../../a" },
      { name: "hard", type: "link", linkname: "a/b" },
    );
    for (const form of [bytes, gzipSync(bytes), zstdCompressSync(bytes)]) {
      const tree = await receive(form);
      assert.deepEqual(tree.list(""), ["a", "hard", "up"]);
      assert.equal(tree.node("a/b")?.mode, 0o640);
      assert.equal(tree.resolve("up/b"), "a/b");
      assert.equal(Buffer.from(bytesOf(tree.content("hard"))).toString(), "hello");
    }
  });

  it("reads archives that end with the last file's bytes, but none whose last file is cut off", async () => {
    const bytes = await tar({ name: "a", data: "first" }, { name: "b", data: "second" });
    const end = bytes.indexOf("second") + "second".length;
    const tree = await receive(bytes.subarray(0, end));
    assert.equal(Buffer.from(bytesOf(tree.content("b"))).toString(), "second");
    await assert.rejects(
      receive(bytes.subarray(0, end - 1)),
      /cannot read the tar archive|invalid tar archive/,
    );
  });

  it("reads what other programs compressed", async () => {
    const bytes = await tar({ name: "a", data: "first\n".repeat(100_000) });
    for (const program of ["bzip2", "xz"]) {
      const { stdout, status } = spawnSync(program, ["-c"], { input: bytes, maxBuffer: 1e9 });
      if (status !== 0) {
        console.log(`not tried: there is no ${program} here`);
        continue;
      }
      const tree = await receive(stdout);
      assert.equal(tree.node("a")?.type, "file");
      await rm(join(folder, "bodies"), { recursive: true });
      await assert.rejects(receive(stdout.subarray(0, stdout.length - 20)), /damaged|cannot read/);
      await rm(join(folder, "bodies"), { recursive: true, force: true });
    }
  });

  it("keeps large files outside of memory, under names of its own", async () => {
    const data = "x".repeat(300_000);
    const tree = await receive(await tar({ name: "etc/../../../../evil".replaceAll("../", ""), data }));
    const content = tree.content("etc/evil");
    assert.ok("path" in content);
    assert.equal(Buffer.from(bytesOf(content)).toString(), data);
    assert.deepEqual(await readdir(join(folder, "bodies")), ["files"]);
    await rm(join(folder, "bodies"), { recursive: true });
  });

  it("refuses entries that lead outside or below what is no folder", async () => {
    const refuses = async (bytes: Buffer, message: RegExp) =>
      assert.rejects(
        receive(bytes),
        (error) =>
          error instanceof EngineError && error.kind === "invalidParameter" && message.test(error.message),
      );
    await refuses(
      await tar({ name: "s", type: "symlink", linkname: "/etc" }, { name: "s/passwd", data: "x" }),
      /not a directory/,
    );
    await refuses(await tar({ name: "h", type: "link", linkname: "/etc/passwd" }), /not a file in it/);
    await refuses(Buffer.from("not a tar".repeat(100)), /cannot read the tar archive|invalid tar archive/);
    await refuses(Buffer.from("BZh91AY"), /bzip2 data is damaged/);
    await refuses(
      gzipSync(await tar({ name: "a", data: "x" })).subarray(0, 40),
      /cannot read the tar archive|invalid tar archive/,
    );
    assert.deepEqual((await receive(await tar({ name: "/abs", data: "x" }))).list(""), ["abs"]);
  });

  it("refuses paths and targets that no file system takes", async () => {
    const deep = (levels: number) => "d/".repeat(levels);
    await receive(await tar({ name: `${deep(2047)}f`, data: "1" }));
    for (const entry of [
      { name: `${deep(2048)}f`, data: "1" },
      { name: `${deep(400_000)}f`, data: "1" },
      { name: "l", type: "symlink", linkname: deep(2048) },
    ] as const)
      await assert.rejects(receive(await tar(entry)), /has a path of \d+ bytes: at most 4095 are possible/);
  });

  it("finds no way around a circle of symlinks", async () => {
    const tree = await receive(
      await tar({ name: "a", type: "symlink", linkname: "b" }, { name: "b", type: "symlink", linkname: "a" }),
    );
    assert.throws(() => tree.resolve("a/x"), /too many levels of symbolic links/);
  });

  it("ends in a tree or in a typed error for any bytes", async () => {
    const valid = await tar({ name: "a", data: "hello" }, { name: "d/", type: "directory" });
    await fc.assert(
      fc.asyncProperty(fc.nat(valid.length - 1), fc.nat(255), async (at, byte) => {
        const bytes = Buffer.from(valid);
        bytes[at] = byte;
        await receive(bytes).catch((error) => assert.ok(error instanceof EngineError, String(error)));
      }),
      { numRuns: 100 },
    );
  });
});

describe("checksums", () => {
  const sum = async (...entries: readonly Entry[]) =>
    checksumOf(await receive(await tar(...entries)), "", { owners: false, skips: (path) => path === "skip" });

  it("see contents, names and modes, and nothing else", async () => {
    const base = await sum({ name: "a", data: "1", mode: 0o644 });
    assert.equal(await sum({ name: "a", data: "1", mode: 0o644, mtime: new Date(5000), uid: 7 }), base);
    assert.equal(await sum({ name: "a", data: "1", mode: 0o644 }, { name: "skip", data: "x" }), base);
    for (const other of [
      { name: "a", data: "2", mode: 0o644 },
      { name: "b", data: "1", mode: 0o644 },
      { name: "a", data: "1", mode: 0o755 },
    ]) {
      assert.notEqual(await sum(other), base);
    }
  });

  it("of many files let others work meanwhile", async () => {
    const tree = new MemoryTree();
    const common = { mode: 0o644, uid: 0, gid: 0, mtime: { seconds: 0, nanoseconds: 0 }, xattrs: new Map() };
    for (let file = 0; file < 5000; file++)
      tree.add(`d${file % 10}/f${file}`, { type: "file", size: 1, ...common }, { bytes: Buffer.from("x") });
    let turns = 0;
    const count = () => {
      turns++;
      immediate = setImmediate(count);
    };
    let immediate = setImmediate(count);
    await checksumOf(tree, "", { owners: false, skips: () => false });
    clearImmediate(immediate);
    assert.ok(turns > 10, `${turns} turns`);
  });

  it("end with the failure of a file that cannot be read", async () => {
    const tree = new MemoryTree();
    const common = { mode: 0o644, uid: 0, gid: 0, mtime: { seconds: 0, nanoseconds: 0 }, xattrs: new Map() };
    let closed = 0;
    for (const name of ["gone", "there"]) {
      const path = name === "gone" ? "/nonexistent/file" : import.meta.filename;
      tree.add(name, { type: "file", size: 9, ...common }, { path, close: () => void closed++ });
    }
    await assert.rejects(checksumOf(tree, "", { owners: false, skips: () => false }), /ENOENT/);
    assert.equal(closed, 2);
  });
});
