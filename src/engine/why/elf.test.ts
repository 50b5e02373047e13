import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { type ElfFacts, type Piece, readElf } from "./elf.ts";

/** Runs the reader over bytes; also gives what it asked for. */
function read(file: Uint8Array): { facts: ElfFacts | "damaged" | undefined; asked: readonly Piece[] } {
  const reader = readElf();
  const asked: Piece[] = [];
  for (let step = reader.next(); ; ) {
    if (step.done) return { facts: step.value, asked };
    const { offset, length } = step.value;
    asked.push(step.value);
    step = reader.next(file.subarray(offset, offset + length));
  }
}

interface Program {
  readonly bits: 32 | 64;
  readonly little: boolean;
  readonly interpreter: string;
  readonly needed: readonly string[];
  readonly runPath: string;
}

/** An ELF file with one loaded segment at 0x10000 that holds everything. */
function write({ bits, little, interpreter, needed, runPath }: Program): Uint8Array {
  const wide = bits === 64;
  const word = wide ? 8 : 4;
  const file = new Uint8Array(16384);
  const view = new DataView(file.buffer);
  const put = (at: number, value: number) =>
    wide ? view.setBigUint64(at, BigInt(value), little) : view.setUint32(at, value, little);
  const [headerSize, entrySize] = wide ? [64, 56] : [52, 32];
  file.set([0x7f, 0x45, 0x4c, 0x46, wide ? 2 : 1, little ? 1 : 2, 1]);
  view.setUint16(18, 62, little);
  put(wide ? 32 : 28, headerSize);
  view.setUint16(wide ? 54 : 42, entrySize, little);
  view.setUint16(wide ? 56 : 44, 3, little);
  const strings = [0, ...needed.flatMap((name) => [...Buffer.from(name), 0]), ...Buffer.from(runPath), 0];
  const [interp, dynamic, table] = [1024, 2048, 8192];
  file.set(Buffer.from(`${interpreter}\0`), interp);
  file.set(strings, table);
  let at = dynamic;
  const tag = (name: number, value: number) => {
    put(at, name);
    put(at + word, value);
    at += 2 * word;
  };
  let string = 1;
  for (const name of needed) {
    tag(1, string);
    string += Buffer.byteLength(name) + 1;
  }
  tag(29, string);
  tag(5, 0x10000 + table);
  tag(10, strings.length);
  tag(0, 0);
  const segments = [
    [1, 0, 0x10000, file.length],
    [3, interp, 0x10000 + interp, interpreter.length + 1],
    [2, dynamic, 0x10000 + dynamic, at - dynamic],
  ] as const;
  for (const [index, [type, offset, address, size]] of segments.entries()) {
    const start = headerSize + index * entrySize;
    view.setUint32(start, type, little);
    put(start + (wide ? 8 : 4), offset);
    put(start + (wide ? 16 : 8), address);
    put(start + (wide ? 32 : 16), size);
  }
  return file;
}

const name = fc
  .string({ unit: "grapheme-ascii", minLength: 1, maxLength: 40 })
  .filter((text) => !text.includes(":"));
const program: fc.Arbitrary<Program> = fc.record({
  bits: fc.constantFrom(32, 64),
  little: fc.boolean(),
  interpreter: name,
  needed: fc.array(name, { maxLength: 20 }),
  runPath: name,
});

describe("ELF files", () => {
  it("give back loader, libraries and paths, of both widths and byte orders", () => {
    fc.assert(
      fc.property(program, (made) => {
        const { bits, interpreter, needed, runPath } = made;
        assert.deepEqual(read(write(made)).facts, {
          machine: 62,
          bits,
          interpreter,
          needed,
          runPath: [runPath],
        });
      }),
    );
  });

  it("may be hostile: any change ends in an answer, and no request is larger than a megabyte", () => {
    const changes = fc.array(fc.tuple(fc.nat(16383), fc.nat(255)), { minLength: 1, maxLength: 30 });
    fc.assert(
      fc.property(program, changes, fc.option(fc.nat(16384)), (made, edits, end) => {
        const file = write(made).slice(0, end ?? undefined);
        for (const [at, value] of edits) if (at < file.length) file[at] = value;
        for (const { offset, length } of read(file).asked) {
          assert.ok(Number.isSafeInteger(offset) && offset >= 0);
          assert.ok(Number.isSafeInteger(length) && length >= 0 && length <= 1024 * 1024);
        }
      }),
      { numRuns: 1000 },
    );
  });

  it("may be anything at all, and are told from other files", () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => void read(bytes)));
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        read(Uint8Array.of(0x7f, 0x45, 0x4c, 0x46, 2, 1, ...bytes));
      }),
    );
    assert.equal(read(Buffer.from("#!/bin/sh\n")).facts, undefined);
    assert.equal(read(Buffer.from("\x7fELF garbage")).facts, "damaged");
  });

  it("are also those of this machine", async () => {
    const { readFileSync } = await import("node:fs");
    const { facts } = read(readFileSync(process.execPath));
    assert.ok(facts && facts !== "damaged");
    assert.ok(facts.needed.some((library) => /^libc\.|^libc\.musl/.test(library)));
    assert.match(facts.interpreter ?? "", /\/ld-/);
  });
});
