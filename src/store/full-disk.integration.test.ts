import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { closeSync, mkdtempSync, openSync, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";
import { openDatabase } from "./database.ts";

const withoutRoot = process.getuid?.() === 0 ? false : "needs root";

/** A filesystem of 16 MiB. */
function smallDisk(): Disposable & { readonly path: string; fill(): void } {
  const path = mkdtempSync(join(tmpdir(), "wharf-disk-"));
  execFileSync("mount", ["-t", "tmpfs", "-o", "size=16m", "tmpfs", path]);
  return {
    path,
    fill() {
      const fd = openSync(join(path, "fill"), "a");
      try {
        for (;;) writeSync(fd, new Uint8Array(4096));
      } catch (error) {
        assert.equal((error as NodeJS.ErrnoException).code, "ENOSPC");
      } finally {
        closeSync(fd);
      }
    },
    [Symbol.dispose]() {
      execFileSync("umount", [path]);
      rmSync(path, { recursive: true });
    },
  };
}

describe("a database on a disk that is full", { skip: withoutRoot }, () => {
  it("still takes changes of its records, also many and after a new start", () => {
    using disk = smallDisk();
    const path = join(disk.path, "db");
    const before = openDatabase(path);
    before.migrate("room", ["CREATE TABLE t (n INTEGER, text TEXT) STRICT"]);
    for (let n = 0; n < 100; n++) before.prepare("INSERT INTO t VALUES (?, ?)").run(n, "x".repeat(2000));
    before.close();
    const database = openDatabase(path);
    disk.fill();
    for (let round = 0; round < 50; round++)
      for (let n = 0; n < 100; n++)
        database.transaction(() =>
          database.prepare("UPDATE t SET text = ? WHERE n = ?").run("y".repeat(2000), n),
        );
    database.transaction(() => database.prepare("DELETE FROM t WHERE n > 10").run());
    assert.equal(database.prepare("SELECT count(*) AS n FROM t WHERE text LIKE 'y%'").get()?.["n"], 11);
    database.close();
  });

  it("says what is to be done when the reserve is used up", () => {
    using disk = smallDisk();
    const database = openDatabase(join(disk.path, "db"));
    database.migrate("room", ["CREATE TABLE t (text TEXT) STRICT"]);
    disk.fill();
    assert.throws(
      () =>
        database.transaction(() => database.prepare("INSERT INTO t VALUES (?)").run("x".repeat(6_000_000))),
      { kind: "system", message: /no space is left on its disk: make room/ },
    );
    assert.equal(database.prepare("SELECT count(*) AS n FROM t").get()?.["n"], 0);
    database.close();
  });
});
