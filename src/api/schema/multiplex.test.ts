import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { type Frame, FrameReader, frameHeader, HEADER_BYTES, type StreamName } from "./multiplex.ts";

const frames = fc.array(
  fc.record({
    stream: fc.constantFrom<StreamName>("stdin", "stdout", "stderr"),
    data: fc.uint8Array({ maxLength: 40 }),
  }),
);

const encode = (list: readonly Frame[]): Buffer =>
  Buffer.concat(list.flatMap(({ stream, data }) => [frameHeader(stream, data.length), data]));

function cut(bytes: Buffer, sizes: readonly number[]): readonly Buffer[] {
  const pieces: Buffer[] = [];
  let from = 0;
  for (const size of sizes) {
    pieces.push(bytes.subarray(from, from + size));
    from += size;
  }
  return [...pieces, bytes.subarray(from)];
}

describe("multiplexed stream", () => {
  it("writes stream, zeros and big-endian length", () => {
    assert.deepEqual([...frameHeader("stderr", 0x01020304)], [2, 0, 0, 0, 1, 2, 3, 4]);
  });

  it("gives back the frames however the bytes are cut", () => {
    fc.assert(
      fc.property(frames, fc.array(fc.nat(12)), (list, sizes) => {
        const reader = new FrameReader();
        const read = cut(encode(list), sizes).flatMap((piece) => reader.push(piece));
        assert.equal(reader.pending, 0);
        assert.deepEqual(
          read.map(({ stream, data }) => ({ stream, data: [...data] })),
          list.map(({ stream, data }) => ({ stream, data: [...data] })),
        );
      }),
    );
  });

  it("refuses bytes that are no frames", () => {
    const raw = Buffer.alloc(HEADER_BYTES, "hello...");
    assert.throws(() => new FrameReader().push(raw), RangeError);
  });
});
