import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { openDatabase } from "./database.ts";

const withTable = () => {
  const database = openDatabase(":memory:");
  database.migrate("room", ["CREATE TABLE t (n INTEGER) STRICT"]);
  return database;
};
const count = (database: ReturnType<typeof openDatabase>) =>
  database.prepare("SELECT count(*) AS n FROM t").get()?.["n"];

describe("database", () => {
  it("runs each migration once", () => {
    const database = withTable();
    database.migrate("room", ["CREATE TABLE t (n INTEGER) STRICT", "INSERT INTO t VALUES (1)"]);
    database.migrate("room", ["CREATE TABLE t (n INTEGER) STRICT", "INSERT INTO t VALUES (1)"]);
    assert.equal(count(database), 1);
  });

  it("refuses tables of a newer version", () => {
    const database = withTable();
    assert.throws(() => database.migrate("room", []), { kind: "system", message: /newer version/ });
  });

  it("takes a failed transaction back whole, nested ones included", () => {
    const database = withTable();
    const insert = () => database.prepare("INSERT INTO t VALUES (1)").run();
    assert.throws(() =>
      database.transaction(() => {
        insert();
        database.transaction(insert);
        throw new Error("no");
      }),
    );
    assert.equal(count(database), 0);
    database.transaction(insert);
    assert.equal(count(database), 1);
  });
});

describe("a database that fails", () => {
  it("tells why, also where SQLite has taken the transaction back by itself", () => {
    const database = withTable();
    assert.throws(
      () => database.transaction(() => database.prepare("INSERT OR ROLLBACK INTO t VALUES ('text')").run()),
      /cannot store TEXT value/,
    );
    assert.equal(count(database), 0);
  });

  it("knows whether anything was ever kept in it", () => {
    const database = openDatabase(":memory:");
    assert.equal(database.isNew, true);
  });
});
