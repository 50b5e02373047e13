import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readFileSync, readlinkSync, rmSync, statSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, it } from "node:test";
import { pack } from "tar-stream";
import { unpack } from "./unpack.ts";

type Entry = {
  name: string;
  type?: "file" | "directory" | "symlink" | "link";
  linkname?: string;
  content?: string;
  mode?: number;
};

function archive(entries: readonly Entry[]): AsyncIterable<Uint8Array> {
  const tar = pack();
  for (const { content, ...header } of entries) tar.entry({ mode: 0o644, ...header }, content ?? "");
  tar.finalize();
  return tar as unknown as AsyncIterable<Uint8Array>;
}

describe("unpack", () => {
  let root = "";
  let folder = "";
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), "unpack-"));
    folder = join(root, "in");
  });
  afterEach(() => rmSync(root, { recursive: true }));
  const into = (entries: readonly Entry[]) =>
    unpack(archive([{ name: "in", type: "directory", mode: 0o755 }, ...entries]), root, (name) => name);

  it("makes files, folders and links with their modes", async () => {
    const bytes = await into([
      { name: "in/d", type: "directory", mode: 0o500 },
      { name: "in/d/f", content: "hello", mode: 0o640 },
      { name: "in/s", type: "symlink", linkname: "/etc/passwd" },
      { name: "in/h", type: "link", linkname: "in/d/f" },
    ]);
    assert.equal(bytes, 5);
    assert.equal(readFileSync(join(folder, "h"), "utf8"), "hello");
    assert.equal(statSync(join(folder, "d/f")).mode & 0o777, 0o640);
    assert.equal(statSync(join(folder, "d")).mode & 0o777, 0o500);
    assert.equal(readlinkSync(join(folder, "s")), "/etc/passwd");
  });

  it("lets no name lead out of the folder", async () => {
    await into([
      { name: "../../out", content: "x" },
      { name: "/abs", content: "x" },
    ]);
    assert.ok(!existsSync(join(root, "../out")) && !existsSync("/abs"));
    assert.ok(existsSync(join(root, "out")) && existsSync(join(root, "abs")));
  });

  it("writes through no link, neither one of the archive nor one that was there", async () => {
    const outside = mkdtempSync(join(tmpdir(), "outside-"));
    try {
      await assert.rejects(
        into([
          { name: "in/l", type: "symlink", linkname: outside },
          { name: "in/l/f", content: "x" },
        ]),
        /not a directory/,
      );
      symlinkSync(join(outside, "target"), join(root, "there"));
      await into([{ name: "there", content: "mine" }]);
      assert.ok(!existsSync(join(outside, "target")) && !existsSync(join(outside, "f")));
      assert.equal(readFileSync(join(root, "there"), "utf8"), "mine");
    } finally {
      rmSync(outside, { recursive: true });
    }
  });

  it("hard links nothing that is a symbolic link", async () => {
    await assert.rejects(
      into([
        { name: "in/s", type: "symlink", linkname: "/etc/shadow" },
        { name: "in/h", type: "link", linkname: "in/s" },
      ]),
      /symbolic link/,
    );
  });
});
