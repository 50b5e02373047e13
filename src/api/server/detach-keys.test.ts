import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { detachScanner, parseDetachKeys } from "./detach-keys.ts";

const bytes = (text: string): Uint8Array => Buffer.from(text, "latin1");

describe("detach keys", () => {
  it("reads control keys and letters", () => {
    assert.deepEqual(parseDetachKeys("ctrl-a,a,ctrl-@,ctrl-_"), [1, 97, 0, 31]);
    assert.deepEqual(parseDetachKeys(undefined), [16, 17]);
    assert.throws(() => parseDetachKeys("ctrl-A,a"), {
      kind: "invalidParameter",
      message: "Invalid detach keys (ctrl-A,a) provided",
    });
  });

  it("finds the sequence across pieces and forwards nothing of it", () => {
    const scan = detachScanner([16, 17]);
    const { forward, detached } = scan(bytes("ls\x10"));
    assert.deepEqual([Buffer.from(forward).toString(), detached], ["ls", false]);
    assert.equal(scan(bytes("\x11x")).detached, true);
  });

  it("gives a broken sequence to the process", () => {
    const scan = detachScanner([16, 17]);
    assert.equal(Buffer.from(scan(bytes("\x10a")).forward).toString("latin1"), "\x10a");
    assert.equal(Buffer.from(scan(bytes("\x10\x10")).forward).toString("latin1"), "\x10");
    assert.equal(scan(bytes("\x11")).detached, true);
  });

  it("changes nothing where the first key does not occur", () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ min: 32 })), (pieces) => {
        const scan = detachScanner([16, 17]);
        for (const piece of pieces) assert.deepEqual([...scan(piece).forward], [...piece]);
      }),
    );
  });
});
