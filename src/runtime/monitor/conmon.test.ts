import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { monitorArguments, parseSyncMessage } from "./conmon.ts";
import { bundleAt } from "./layout.ts";

const base = {
  conmon: "conmon",
  id: "c",
  bundle: bundleAt("/b"),
  runtime: ["/shim", "-x", "/crun"],
  tty: false,
  stdin: false,
  leaveStdinOpen: false,
};

describe("conmon", () => {
  it("is called with the runtime's words one by one", () => {
    const args = monitorArguments({ ...base, logPath: "/l", exitFolder: "/e" }).join(" ");
    assert.match(args, /-l k8s-file:\/l .*--exit-dir \/e -r \/shim --runtime-arg -x --runtime-arg \/crun$/);
    assert.match(
      monitorArguments({ ...base, exec: { processFile: "/p", attach: true } }).join(" "),
      /-l none -e --exec-process-spec \/p --exec-attach/,
    );
  });

  it("answers with a pid, or with the runtime's complaint", () => {
    assert.deepEqual(parseSyncMessage('{"data": 42}'), { data: 42 });
    assert.deepEqual(parseSyncMessage('{"data": -1, "message": "no \\"x\\""}'), {
      data: -1,
      message: 'no "x"',
    });
    assert.equal(parseSyncMessage('{"data": -1, "message": "broken \\u00a"}').data, -1);
    assert.throws(() => parseSyncMessage("hello"), { kind: "system" });
  });

  it("never makes us throw anything but our own error", () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (line) => {
        try {
          parseSyncMessage(line);
        } catch (error) {
          assert.equal((error as { kind?: string }).kind, "system");
        }
      }),
    );
  });
});
