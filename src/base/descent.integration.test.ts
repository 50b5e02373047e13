import assert from "node:assert/strict";
import {
  closeSync,
  constants,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { it } from "node:test";
import { Descent } from "./descent.ts";

const FOLDER = constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW;
const descriptors = () => readdirSync("/proc/self/fd").length;
const calls = {
  open: (dir: number, name: string | Buffer) => openSync(`/proc/self/fd/${dir}/${name}`, FOLDER),
  close: closeSync,
};
const deep = (count: number): string => Array.from({ length: count }, () => "d").join("/");

/** A descent 60 levels down, in a tree of its own. */
function withDescent(body: (descent: Descent, top: string) => void): void {
  const top = mkdtempSync(join(tmpdir(), "wharf-descent-"));
  mkdirSync(join(top, deep(60)), { recursive: true });
  const before = descriptors();
  const fd = openSync(top, FOLDER);
  const descent = new Descent(fd, calls);
  try {
    for (let level = 0; level < 60; level++) descent.enter("d");
    assert.ok(descriptors() - before < 40);
    body(descent, top);
  } finally {
    descent.close();
    closeSync(fd);
    rmSync(top, { recursive: true });
  }
  assert.equal(descriptors(), before);
}

it("comes back up over folders that it has closed", () => {
  withDescent((descent, top) => {
    const at = () => statSync(`/proc/self/fd/${descent.fd}`).ino;
    for (let level = 60; level > 0; level--) {
      assert.equal(at(), statSync(join(top, deep(level))).ino);
      assert.equal(descent.leave(), "d");
    }
    assert.equal(at(), statSync(top).ino);
    assert.throws(() => descent.leave());
  });
});

it("does not come up in another folder when the one that it is in was moved", () => {
  withDescent((descent, top) => {
    mkdirSync(join(top, "elsewhere"));
    renameSync(join(top, deep(20)), join(top, "elsewhere/d"));
    assert.throws(() => {
      for (let level = 60; level > 0; level--) descent.leave();
    }, /was moved to another folder meanwhile/);
  });
});

it("shortens very long paths in messages", () => {
  withDescent((descent) => {
    assert.equal(descent.path("x"), `${deep(60)}/x`);
    assert.match(descent.path("y".repeat(400)), /^d\/d.{197}\[\.\.\.\]y{200}$/);
  });
});
