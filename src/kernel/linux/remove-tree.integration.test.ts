import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import {
  closeSync,
  constants,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, beforeEach, describe, it } from "node:test";
import { Worker } from "node:worker_threads";
import { treeSize } from "../../base/tree-size.ts";
import { MountInTree } from "../errors.ts";
import { linuxKernel } from "./index.ts";

const { mounts, files } = linuxKernel();
const descriptors = () => readdirSync("/proc/self/fd").length;
let top: string;
let tree: string;

before(() => {
  top = mkdtempSync(join(tmpdir(), "wharf-trees-"));
});
beforeEach(() => {
  tree = join(mkdtempSync(join(top, "t")), "tree");
  mkdirSync(tree);
});
after(() => rmSync(top, { recursive: true }));

const remove = () => files.removeTree(join(tree, ".."), "tree");

/** Folders in one another; each tenth has a file of three bytes and a second folder as well. */
function deepTree(folder: string, depth: number): void {
  let fd = openSync(folder, constants.O_RDONLY | constants.O_DIRECTORY);
  for (let level = 0; level < depth; level++) {
    if (level % 10 === 0) {
      writeFileSync(`/proc/self/fd/${fd}/file`, "abc");
      files.mkdirAt(fd, "beside", 0o700);
    }
    files.mkdirAt(fd, "d", 0o700);
    const next = files.openIn(fd, "d", constants.O_RDONLY | constants.O_DIRECTORY);
    closeSync(fd);
    fd = next;
  }
  closeSync(fd);
}

describe("removal of a tree", () => {
  for (const depth of [6000, 40_000]) {
    it(`takes ${depth} levels, and they are counted`, () => {
      deepTree(tree, depth);
      const open = descriptors();
      assert.equal(treeSize(tree), (3 * depth) / 10);
      remove();
      assert.equal(existsSync(tree), false);
      assert.equal(descriptors(), open);
    });
  }

  it("keeps few descriptors open, however deep it is", () => {
    deepTree(tree, 500);
    const script = `
      import { linuxKernel } from ${JSON.stringify(join(import.meta.dirname, "index.ts"))};
      linuxKernel().files.removeTree(${JSON.stringify(join(tree, ".."))}, "tree");`;
    execFileSync("sh", [
      "-c",
      'ulimit -n 100; exec "$0" --input-type=module -e "$1"',
      process.execPath,
      script,
    ]);
    assert.equal(existsSync(tree), false);
  });

  it("takes wide trees, files, names that are no UTF-8, and what is not there", () => {
    const odd = Buffer.concat([Buffer.from(`${tree}/`), Buffer.of(0xe4, 0xff)]);
    mkdirSync(odd);
    writeFileSync(Buffer.concat([odd, Buffer.from("/"), Buffer.of(0xfe)]), "odd");
    for (let at = 0; at < 40; at++) {
      mkdirSync(join(tree, `${at}`, ...Array.from({ length: at + 10 }, (_, level) => `${level}`)), {
        recursive: true,
      });
    }
    remove();
    assert.equal(existsSync(tree), false);
    remove();
    writeFileSync(tree, "file");
    const fd = openSync(join(tree, ".."), constants.O_RDONLY);
    files.removeTree(fd, "tree");
    closeSync(fd);
    assert.equal(existsSync(tree), false);
    for (const name of ["..", "a/b", ""])
      assert.throws(() => files.removeTree(top, name), { code: "EINVAL" }, name);
  });

  it("follows no symlink", () => {
    mkdirSync(join(top, "kept"));
    writeFileSync(join(top, "kept/file"), "");
    symlinkSync(join(top, "kept"), join(tree, "link"));
    remove();
    assert.equal(existsSync(tree), false);
    assert.deepEqual(readdirSync(join(top, "kept")), ["file"]);
    symlinkSync(join(top, "kept"), tree);
    remove();
    assert.deepEqual(readdirSync(join(top, "kept")), ["file"]);
  });

  it("leaves alone what is mounted in it, also far down and of the same filesystem", () => {
    const source = join(tree, "../source");
    const target = join(tree, ...Array.from({ length: 70 }, () => "d"), "mounted");
    for (const folder of [source, target]) mkdirSync(folder, { recursive: true });
    writeFileSync(join(source, "file"), "mine");
    mounts.mount({ source, target, flags: ["bind"] });
    const open = descriptors();
    try {
      assert.throws(remove, (error) => error instanceof MountInTree && error.path.endsWith("d/d/mounted"));
      assert.equal(readFileSync(join(target, "file"), "utf8"), "mine");
      assert.equal(descriptors(), open);
    } finally {
      mounts.unmount(target);
    }
    remove();
    assert.deepEqual(readdirSync(source), ["file"]);
  });

  it("goes on while others remove the same tree", async () => {
    deepTree(tree, 300);
    for (let at = 0; at < 300; at++) deepTree(mkdirAndName(`w${at}`), 3);
    const script = `
      const { linuxKernel } = await import(${JSON.stringify(join(import.meta.dirname, "index.ts"))});
      linuxKernel().files.removeTree(${JSON.stringify(join(tree, ".."))}, "tree");`;
    const removals = [1, 2, 3].map(() => {
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      const worker = new Worker(`(async () => {${script}})()`, { eval: true });
      worker.on("error", reject).on("exit", () => resolve());
      return promise;
    });
    await Promise.all(removals);
    assert.equal(existsSync(tree), false);
  });
});

function mkdirAndName(name: string): string {
  mkdirSync(join(tree, name));
  return join(tree, name);
}
