import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { indentJson } from "../inspect/indent.ts";
import { progressBar } from "../progress/messages.ts";
import { compareNatural } from "./natural.ts";
import { showPorts } from "./ports.ts";
import { formatTable } from "./table.ts";
import { layOut } from "./tabs.ts";
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

describe("layOut", () => {
  it("makes columns of at least ten, with three blanks between", () => {
    assert.equal(
      layOut("ID\tNAME\tLAST\nabc\tlonger-than-ten\tx\n"),
      "ID        NAME              LAST\nabc       longer-than-ten   x\n",
    );
  });

  it("ends a column at a line without it", () => {
    assert.equal(layOut("aaaaaaaaaaaaaa\tb\nplain\nc\td\n"), "aaaaaaaaaaaaaa   b\nplain\nc         d\n");
  });
});

describe("showPorts", () => {
  const port = (PrivatePort: number, PublicPort?: number, IP = "", Type = "tcp") => ({
    PrivatePort,
    PublicPort,
    IP,
    Type,
  });

  it("joins neighbours that have the same number on both sides", () => {
    assert.equal(showPorts([port(81), port(80), port(90, undefined, "", "udp")]), "80-81/tcp, 90/udp");
    assert.equal(showPorts([port(80, 80, "0.0.0.0"), port(81, 81, "0.0.0.0")]), "0.0.0.0:80-81->80-81/tcp");
    assert.equal(
      showPorts([port(80, 8080, "::"), port(80, 8080, "0.0.0.0")]),
      "0.0.0.0:8080->80/tcp, [::]:8080->80/tcp",
    );
  });
});

describe("small things", () => {
  it("names are sorted as people count", () => {
    assert.deepEqual(["a10", "a2", "b", "a"].sort(compareNatural), ["a", "a2", "a10", "b"]);
  });

  it("JSON is indented as it came", () => {
    assert.equal(
      indentJson('[{"a":1e400,"b":[],"c":{},"d":["x\\u003c,]"]}]'),
      '[\n    {\n        "a": 1e400,\n        "b": [],\n        "c": {},\n        "d": [\n            "x\\u003c,]"\n        ]\n    }\n]',
    );
  });

  it("progress is a bar where there is room", () => {
    assert.equal(
      progressBar({ current: 50, total: 100 }, 200),
      `[${"=".repeat(25)}>${" ".repeat(25)}]      50B/100B`,
    );
    assert.equal(progressBar({ current: 50, total: 100 }, 80), "     50B/100B");
    assert.equal(progressBar({ current: 1500 }, 80), "   1.5kB");
    assert.equal(progressBar({}, 80), "");
  });
});
