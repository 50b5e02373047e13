import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { Canvas } from "./canvas.ts";
import { bars, sparkline } from "./chart.ts";
import { KeyReader } from "./keys.ts";
import { columnsOf, cut, fit, fitRight, glyphs, wrap } from "./width.ts";

const THEME = { selected: "7", red: "31", "red selected": "41" };
/** Text with narrow, wide, combining and hostile characters. */
const anyText = fc.string({
  unit: fc.constantFrom("a", "b", " ", "é", "e\u0301", "漢", "😀", "\x1b[2J", "\r", "\u202e", "\u200d"),
  maxLength: 12,
});

/** As much of a terminal as the canvas speaks to: what it shows, a text and a rendition for each column. */
class Emulator {
  readonly cells: (readonly [text: string, rendition: string])[][];
  readonly #columns: number;

  constructor(columns: number, rows: number) {
    this.#columns = columns;
    this.cells = Array.from({ length: rows }, () => this.#blank());
  }

  #blank(): (readonly [string, string])[] {
    return Array.from({ length: this.#columns }, () => [" ", ""]);
  }

  write(text: string): void {
    let [x, y, rendition] = [0, 0, ""];
    for (const [, row, column, mode, clear, character = ""] of text.matchAll(
      // biome-ignore lint/suspicious/noControlCharactersInRegex: what a terminal obeys is read here
      /\x1b\[(\d+);(\d+)H|\x1b\[0(?:;([\d;]+))?m|\x1b\[(2J)|([^\x1b])/gu,
    )) {
      if (row) [x, y] = [Number(column) - 1, Number(row) - 1];
      else if (clear) this.cells.splice(0, this.cells.length, ...this.cells.map(() => this.#blank()));
      else if (character === "") rendition = mode ?? "";
      else if (/\p{Mn}/u.test(character)) {
        const line = this.cells[y] ?? [];
        const at = line[x - 1]?.[0] === "" ? x - 2 : x - 1;
        line[at] = [`${line[at]?.[0]}${character}`, line[at]?.[1] ?? ""];
      } else {
        const line = this.cells[y];
        assert.ok(line && x < line.length, "nothing is written outside");
        line[x] = [character, rendition];
        if (columnsOf(character) === 2) line[x + 1] = ["", rendition];
        x += columnsOf(character);
      }
    }
  }
}

describe("columns of text", () => {
  it("are two for what is drawn wide, none for what belongs to another character", () => {
    assert.equal(columnsOf("abc"), 3);
    assert.equal(columnsOf("漢字 😀"), 7);
    assert.equal(columnsOf("e\u0301\u200d"), 1);
    assert.equal(fit("漢字", 3), "漢…");
    assert.equal(fitRight("ab", 4), "  ab");
    assert.equal(cut("abc", 0), "");
  });

  it("are kept by cutting, filling and wrapping, and nothing is left that a terminal obeys", () => {
    fc.assert(
      fc.property(anyText, fc.integer({ min: 2, max: 9 }), (text, columns) => {
        assert.equal(columnsOf(fit(text, columns)), columns);
        const shown = [...glyphs(text)].map(([glyph]) => glyph).join("");
        assert.doesNotMatch(shown, /\p{Cc}|\u202e/u);
        const lines = wrap(text, columns);
        assert.equal(lines.join(""), shown);
        for (const line of lines) assert.ok(columnsOf(line) <= columns);
      }),
    );
  });

  it("wrap at blanks", () => {
    assert.deepEqual(wrap("one two three", 9), ["one two ", "three"]);
    assert.deepEqual(wrap("onetwothree", 4), ["onet", "woth", "ree"]);
  });
});

describe("Canvas", () => {
  const drawing = fc.array(
    fc.record({
      x: fc.integer({ min: -1, max: 11 }),
      y: fc.integer({ min: -1, max: 3 }),
      text: anyText,
      style: fc.constantFrom("", "red"),
      selects: fc.boolean(),
    }),
    { maxLength: 6 },
  );
  const draw = (parts: typeof drawing extends fc.Arbitrary<infer T> ? T : never) => {
    const canvas = new Canvas(10, 3);
    for (const { x, y, text, style, selects } of parts) {
      canvas.put(x, y, text, style);
      if (selects) canvas.select(x, y, 3);
    }
    return canvas;
  };

  it("tells a terminal what has changed, so that it shows what it would from the beginning", () => {
    fc.assert(
      fc.property(drawing, drawing, (first, second) => {
        const [before, after] = [draw(first), draw(second)];
        const changed = new Emulator(10, 3);
        changed.write(before.changesFrom(undefined, THEME));
        changed.write(after.changesFrom(before, THEME));
        const fresh = new Emulator(10, 3);
        fresh.write(after.changesFrom(undefined, THEME));
        assert.deepEqual(changed.cells, fresh.cells);
        assert.deepEqual(
          fresh.cells.map((line) =>
            line
              .map(([text]) => text)
              .join("")
              .trimEnd(),
          ),
          after.lines(),
        );
      }),
    );
  });

  it("says nothing when nothing has changed, and one cell when one has", () => {
    const canvas = () => {
      const drawn = new Canvas(20, 2);
      drawn.box(0, 0, 20, 2, "red");
      return drawn;
    };
    assert.equal(canvas().changesFrom(canvas(), THEME), "");
    const other = canvas();
    other.put(3, 1, "x");
    assert.equal(other.changesFrom(canvas(), THEME), "\x1b[2;4H\x1b[0mx");
  });

  it("shows the chosen row with styles of its own", () => {
    const canvas = new Canvas(3, 1);
    canvas.put(0, 0, "a", "red");
    canvas.put(1, 0, "b");
    canvas.select(0, 0, 2);
    assert.equal(canvas.changesFrom(undefined, THEME), "\x1b[0m\x1b[2J\x1b[1;1H\x1b[0;41ma\x1b[0;7mb\x1b[0m");
  });
});

describe("KeyReader", () => {
  it("knows keys however their bytes are cut", () => {
    const bytes = Buffer.from("a\x1b[A\x1bOB\x1b[5~\t\r\x7f\x03漢\x1b[Z\x1b[1;5C");
    for (let size = 1; size <= bytes.length; size++) {
      const reader = new KeyReader();
      const keys: string[] = [];
      for (let at = 0; at < bytes.length; at += size)
        keys.push(...reader.push(bytes.subarray(at, at + size)));
      assert.deepEqual(keys, "a up down pageup tab enter backspace ctrl-c 漢 backtab".split(" "));
      assert.equal(reader.isWaiting, false);
    }
  });

  it("takes an escape that nothing follows for the key", () => {
    const reader = new KeyReader();
    assert.deepEqual(reader.push(Buffer.from("\x1b")), []);
    assert.equal(reader.isWaiting, true);
    assert.deepEqual(reader.flush(), ["escape"]);
    assert.deepEqual(reader.push(Buffer.from("\x1bx")), ["escape", "x"]);
  });
});

describe("charts", () => {
  it("draw the last values, the newest at the right", () => {
    assert.equal(sparkline([9, 0, 1, 4, 8], 4, 8), " ▁▄█");
    assert.deepEqual(bars([4, 8], 3, 2, 8), ["  █", " ██"]);
    assert.equal(sparkline([0.001], 1, 100), "▁");
    assert.equal(sparkline([], 2, 0), "  ");
  });
});
