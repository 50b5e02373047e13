import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { parseProcesses } from "./top.ts";

describe("parseProcesses", () => {
  const output = [
    "UID          PID    PPID  CMD",
    "root           1       0  /sbin/init",
    "root          77       1  sh -c sleep 5",
    "daemon        78      77  sleep 5",
    "",
  ].join("\n");

  it("keeps the rows of the given processes, the last column with its spaces", () => {
    assert.deepEqual(parseProcesses(output, new Set([77, 78])), {
      titles: ["UID", "PID", "PPID", "CMD"],
      processes: [
        ["root", "77", "1", "sh -c sleep 5"],
        ["daemon", "78", "77", "sleep 5"],
      ],
    });
  });

  it("keeps the threads of a process with it", () => {
    const threads = ["PID TTY CMD", "1 ? init", "- - -", "77 ? sh", "- - -", ""].join("\n");
    assert.deepEqual(parseProcesses(threads, new Set([77])).processes, [
      ["77", "?", "sh"],
      ["-", "-", "-"],
    ]);
  });

  it("refuses output without a PID column", () => {
    assert.throws(() => parseProcesses("CMD\nsleep\n", new Set([1])), /find PID field/);
  });
});
