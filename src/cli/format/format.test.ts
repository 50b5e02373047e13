import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { formatTable } from "./table.ts";
import { formatAge, formatBytes } from "./units.ts";

describe("formatTable", () => {
  it("makes each column as wide as its widest cell and leaves the last one alone", () => {
    assert.equal(
      formatTable(
        ["ID", "NAME"],
        [
          ["abc", "x"],
          ["d", "longer"],
        ],
      ),
      "ID    NAME\nabc   x\nd     longer\n",
    );
  });
});

describe("units", () => {
  it("prints bytes with three digits", () => {
    assert.deepEqual([0, 999, 1000, 1_982_256, 117_000_000, 5e15].map(formatBytes), [
      "0B",
      "999B",
      "1kB",
      "1.98MB",
      "117MB",
      "5PB",
    ]);
  });

  it("prints ages in docker's words", () => {
    const minute = 60;
    const day = 24 * 3600;
    assert.deepEqual(
      [0, 1, 59, minute, 5 * minute, 70 * minute, 30 * 3600, 3 * day, 20 * day, 90 * day, 800 * day].map(
        formatAge,
      ),
      [
        "Less than a second ago",
        "1 second ago",
        "59 seconds ago",
        "About a minute ago",
        "5 minutes ago",
        "About an hour ago",
        "30 hours ago",
        "3 days ago",
        "2 weeks ago",
        "3 months ago",
        "2 years ago",
      ],
    );
  });
});
