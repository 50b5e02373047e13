import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { frameHeader } from "../../api/schema/multiplex.ts";
import { Demultiplexer } from "./demux.ts";
import { DetachWatcher, readKeys } from "./detach-keys.ts";

const frame = (stream: 1 | 2, text: string) =>
  Buffer.concat([
    frameHeader(stream === 1 ? "stdout" : "stderr", Buffer.byteLength(text)),
    Buffer.from(text),
  ]);

describe("Demultiplexer", () => {
  const frames = fc.array(fc.tuple(fc.constantFrom<1 | 2>(1, 2), fc.string({ maxLength: 20 })), {
    maxLength: 20,
  });

  it("takes a stream apart however it is cut, each stream whole and in order", () => {
    fc.assert(
      fc.property(frames, fc.array(fc.integer({ min: 1, max: 30 }), { maxLength: 60 }), (sent, cuts) => {
        const got = ["", "", ""];
        const order: number[] = [];
        const demultiplexer = new Demultiplexer((stream, bytes) => {
          got[stream] += Buffer.from(bytes).toString("latin1");
          if (order.at(-1) !== stream) order.push(stream);
        });
        const bytes = Buffer.concat(sent.map(([stream, text]) => frame(stream, text)));
        let at = 0;
        for (const length of [...cuts, bytes.length]) {
          demultiplexer.push(Buffer.from(bytes.subarray(at, at + length)));
          at += length;
        }
        const text = (which: 1 | 2) =>
          Buffer.concat(
            sent.filter(([stream]) => stream === which).map(([, part]) => Buffer.from(part)),
          ).toString("latin1");
        assert.deepEqual(got.slice(1), [text(1), text(2)]);
        const changes = sent.filter(([, part]) => part !== "").map(([stream]) => stream);
        assert.deepEqual(
          order,
          changes.filter((stream, index) => stream !== changes[index - 1]),
        );
      }),
    );
  });

  it("writes neighbouring frames of one stream at once", () => {
    const writes: string[] = [];
    const demultiplexer = new Demultiplexer((_stream, bytes) => writes.push(Buffer.from(bytes).toString()));
    demultiplexer.push(Buffer.concat([frame(1, "a\n"), frame(1, "b\n"), frame(2, "e\n"), frame(1, "c\n")]));
    assert.deepEqual(writes, ["a\nb\n", "e\n", "c\n"]);
  });

  it("refuses what is no such stream", () => {
    assert.throws(
      () => new Demultiplexer(() => undefined).push(Buffer.from("raw output")),
      /Unrecognized input header/,
    );
  });
});

describe("detach keys", () => {
  it("are letters and control letters", () => {
    assert.deepEqual([...readKeys("ctrl-p,ctrl-q")], [16, 17]);
    assert.deepEqual([...readKeys("a,ctrl-@,ctrl-_")], [97, 0, 31]);
    assert.throws(() => readKeys("ctrl-1x"), /Unknown character/);
  });

  it("are found across pieces; what only began them is passed on", () => {
    const watcher = new DetachWatcher(readKeys("ctrl-p,ctrl-q"));
    const type = (text: string) => {
      const { pass, detached } = watcher.push(Buffer.from(text));
      return [pass.toString(), detached];
    };
    assert.deepEqual(type("a\x10"), ["a", false]);
    assert.deepEqual(type("b"), ["\x10b", false]);
    assert.deepEqual(type("\x10\x10"), ["\x10", false]);
    assert.deepEqual(type("\x11more"), ["", true]);
  });
});
