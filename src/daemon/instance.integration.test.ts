import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";
import { openDatabase } from "../store/index.ts";
import { refuseLostDatabase } from "./instance.ts";

function dataRoot(): Disposable & { readonly path: string; readonly database: string } {
  const path = mkdtempSync(join(tmpdir(), "wharf-root-"));
  return {
    path,
    database: join(path, "wharf.db"),
    [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }),
  };
}

function check(root: ReturnType<typeof dataRoot>): void {
  const database = openDatabase(root.database);
  try {
    refuseLostDatabase(root.path, database);
  } finally {
    database.close();
  }
}

describe("a data root whose database has lost its records", () => {
  it("is refused each time, because what nothing records would be removed", () => {
    for (const folder of ["overlay2/abc", "containers/abc", "volumes/data", "content/blobs/sha256/abc"]) {
      using root = dataRoot();
      mkdirSync(join(root.path, "overlay2/l"), { recursive: true });
      check(root);
      const database = openDatabase(root.database);
      database.migrate("room", ["CREATE TABLE t (n INTEGER) STRICT"]);
      database.close();
      mkdirSync(join(root.path, folder), { recursive: true });
      check(root);
      truncateSync(root.database, 0);
      for (let attempt = 0; attempt < 2; attempt++)
        assert.throws(() => check(root), {
          kind: "system",
          message: /is empty, but .* is not: put the database back/,
        });
    }
  });

  it("says of a damaged database which one it is and what to do", () => {
    using root = dataRoot();
    writeFileSync(root.database, "no database ".repeat(1000));
    assert.throws(() => check(root), {
      kind: "system",
      message: /wharf.db: the file is no database: put it back/,
    });
  });
});
