import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { frameHeader } from "../../api/schema/multiplex.ts";
import { LineReader, type LogLine } from "./lines.ts";
import { mergeByTime, type Timed } from "./merge.ts";
import { Pattern } from "./pattern.ts";
import { LogPrinter, type ShowOptions } from "./show.ts";

const time = (second: number) => `2026-11-21T12:00:${String(second).padStart(2, "0")}.000000001Z`;
const frame = (stream: 1 | 2, text: string) =>
  Buffer.concat([
    frameHeader(stream === 1 ? "stdout" : "stderr", Buffer.byteLength(text)),
    Buffer.from(text),
  ]);
const texts = (lines: readonly LogLine[]) => lines.map(({ text }) => text);

function readAll(reader: LineReader, bytes: Buffer, size: number): readonly LogLine[] {
  const lines: LogLine[] = [];
  for (let at = 0; at < bytes.length; at += size)
    lines.push(...reader.push(Buffer.from(bytes.subarray(at, at + size))));
  return [...lines, ...reader.end()];
}

describe("LineReader", () => {
  it("gives lines with their time and stream, however the bytes are cut", () => {
    const bytes = Buffer.concat([
      frame(1, `${time(1)} one\n`),
      frame(2, `${time(2)} two\r\n`),
      frame(1, `${time(3)} \n`),
      frame(1, `${time(4)} no end`),
    ]);
    for (const size of [1, 7, 30, 1000]) {
      const lines = readAll(new LineReader(false), bytes, size);
      assert.deepEqual(texts(lines), ["one", "two", "", "no end"]);
      assert.deepEqual(
        lines.map((line) => line.stream),
        [1, 2, 1, 1],
      );
      assert.deepEqual(
        lines.map((line) => line.time),
        [1, 2, 3, 4].map(time),
      );
    }
  });

  it("puts a line together that the engine keeps in pieces, beside those of the other stream", () => {
    const piece = "x".repeat(16 * 1024);
    const framed = Buffer.concat([
      frame(1, `${time(1)} ${piece}`),
      frame(2, `${time(2)} other\n`),
      frame(1, `${time(3)} ${piece}`),
      frame(1, `${time(4)} end\n`),
    ]);
    assert.deepEqual(texts(readAll(new LineReader(false), framed, 999)), ["other", `${piece}${piece}end`]);
    const raw = Buffer.from(`${time(1)} ${piece}${time(3)} ${piece}${time(4)} end\r\n${time(5)} next\r\n`);
    for (const size of [999, 100_000])
      assert.deepEqual(texts(readAll(new LineReader(true), raw, size)), [`${piece}${piece}end`, "next"]);
  });

  it("does not keep what has no end", () => {
    const reader = new LineReader(false);
    const shown: LogLine[] = [];
    for (let count = 0; count < 100; count++)
      shown.push(...reader.push(frame(1, `${time(1)} ${"x".repeat(16 * 1024)}`)));
    assert.equal(shown.length, 1);
  });

  it("throws what the engine reports", () => {
    const bytes = Buffer.from(frame(1, "lost\n"));
    bytes[0] = 3;
    assert.throws(() => new LineReader(false).push(bytes), /lost/);
  });
});

describe("mergeByTime", () => {
  async function* batches(times: readonly number[], size: number): AsyncGenerator<readonly Timed[]> {
    for (let at = 0; at < times.length; at += size)
      yield times.slice(at, at + size).map((second) => ({ time: time(second) }));
  }

  it("makes one order of many", async () => {
    const times = fc.array(fc.integer({ min: 0, max: 59 }), { maxLength: 20 });
    await fc.assert(
      fc.asyncProperty(
        fc.array(times, { maxLength: 5 }),
        fc.integer({ min: 1, max: 4 }),
        async (sources, size) => {
          const sorted = sources.map((source) => [...source].sort((a, b) => a - b));
          const merged: string[] = [];
          for await (const lines of mergeByTime(sorted.map((source) => batches(source, size))))
            merged.push(...lines.map((line) => line.time));
          assert.deepEqual(merged, sorted.flat().map(time).sort());
        },
      ),
    );
  });

  it("reads no further than it must, and closes what it has opened", async () => {
    let read = 0;
    let closed = 0;
    async function* endless(): AsyncGenerator<readonly Timed[]> {
      try {
        for (;;) {
          read++;
          yield [{ time: time(read) }];
        }
      } finally {
        closed++;
      }
    }
    for await (const _ of mergeByTime([endless(), endless()])) break;
    assert.equal(read, 2);
    assert.equal(closed, 2);
  });
});

describe("LogPrinter", () => {
  const line = (name: string, text: string, stream: 1 | 2 = 1) => ({
    speaker: { id: name, name, index: name.length },
    time: time(1),
    stream,
    text,
  });
  function recorder(live: boolean, options: Partial<ShowOptions>) {
    const written: string[] = [];
    const screen = (fd: number) => ({
      fd,
      live,
      colour: live,
      write: (text: string | Uint8Array) => written.push(`${fd}:${Buffer.from(text).toString("latin1")}`),
    });
    const printer = new LogPrinter(
      { out: screen(1), err: screen(2) },
      { timestamps: false, named: true, pattern: undefined, ...options },
    );
    printer.makeRoom(line("long", "").speaker);
    return { printer, written };
  }

  it("names each line, keeps streams apart and bytes as they are", () => {
    const { printer, written } = recorder(false, {});
    printer.show([line("a", "1"), line("long", "2"), line("a", "\x1b[1mno", 2)]);
    assert.deepEqual(written, ["1:a    | 1\nlong | 2\n", "2:a    | \x1b[1mno\n"]);
  });

  it("leaves lines without a match out and shows where the match is", () => {
    const pattern = new Pattern("er+or");
    const plain = recorder(false, { pattern, named: false, timestamps: true });
    plain.printer.show([line("a", "fine"), line("a", "an errror")]);
    assert.deepEqual(plain.written, [`1:${time(1)} an errror\n`]);
    const live = recorder(true, { pattern, named: false });
    live.printer.show([line("a", "an \x1b[32merrror here")]);
    assert.deepEqual(live.written, ["1:an \x1b[1;31merrror\x1b[0m here\n"]);
  });

  it("lets only colours through to a terminal", () => {
    const { printer, written } = recorder(true, {});
    printer.show([line("a", "up\x1b[2A\rover\x1b[31mred")]);
    assert.ok(written[0]?.endsWith("upover\x1b[31mred\x1b[0m\n"), written.join());
  });
});
