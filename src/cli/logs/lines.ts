import { HEADER_BYTES } from "../../api/schema/multiplex.ts";

/** A line of a log as the engine keeps it. */
export interface LogLine {
  /** RFC 3339 with nine digits, in UTC: later times are greater texts. */
  readonly time: string;
  readonly stream: 1 | 2;
  /** Without its end; each character stands for a byte, which costs less than a buffer for every line. */
  readonly text: string;
}

const isAscii = (text: string): boolean => /^[\0-\x7f]*$/.test(text);

/** What the bytes of a line mean, a character each; and the bytes of a text. */
export const decoded = (bytes: string): string =>
  isAscii(bytes) ? bytes : Buffer.from(bytes, "latin1").toString();
export const encoded = (text: string): string =>
  isAscii(text) ? text : Buffer.from(text).toString("latin1");

/** A line that has no end is shown in pieces of about this size; nothing more is kept of it. */
const MAX_LINE = 1 << 20;
/** The engine stores longer lines in pieces of this size, and tells the time of each. */
const PIECE = 16 * 1024;
const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z /;
const TIME_LENGTH = 31;
const SYSTEM = 3;

interface Begun {
  readonly time: string;
  text: string;
}

/** Puts the lines of a log together that was asked for with its times, in frames or (of a terminal) raw. */
export class LineReader {
  readonly #raw: boolean;
  readonly #begun = new Map<1 | 2, Begun>();
  #rest: Buffer = Buffer.alloc(0);

  constructor(raw: boolean) {
    this.#raw = raw;
  }

  /** The lines that are whole now. Throws Error on what the engine reports within the stream. */
  push(chunk: Buffer): readonly LogLine[] {
    const lines: LogLine[] = [];
    const bytes = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    const taken = this.#raw ? this.#takeRaw(bytes, lines) : this.#takeFrames(bytes, lines);
    this.#rest = bytes.subarray(taken);
    return lines;
  }

  /** Lines whose end has not come, at the end of the log. */
  end(): readonly LogLine[] {
    const lines: LogLine[] = [];
    if (this.#raw && this.#rest.length > 0) this.#takePiece(1, this.#rest.toString("latin1"), lines);
    for (const [stream, { time, text }] of this.#begun) lines.push({ time, stream, text });
    return lines;
  }

  #takeFrames(bytes: Buffer, lines: LogLine[]): number {
    const text = bytes.toString("latin1");
    let at = 0;
    while (bytes.length - at >= HEADER_BYTES) {
      const stream = bytes[at];
      const begin = at + HEADER_BYTES;
      const end = begin + bytes.readUInt32BE(at + 4);
      if (end > bytes.length) break;
      const piece = text.slice(begin, end);
      if (stream === SYSTEM) throw new Error(piece.trimEnd());
      this.#takePiece(stream === 2 ? 2 : 1, piece, lines);
      at = end;
    }
    return at;
  }

  #takeRaw(bytes: Buffer, lines: LogLine[]): number {
    const text = bytes.toString("latin1");
    let at = 0;
    for (;;) {
      const feed = text.indexOf("\n", at);
      const line = (feed < 0 ? text.length : feed + 1) - at;
      // The next piece of a long line stands behind a time of its own.
      const isLong = line > TIME_LENGTH + PIECE && text.length - at >= 2 * TIME_LENGTH + PIECE;
      if (feed < 0 && !isLong) return at;
      const end = at + (isLong ? TIME_LENGTH + PIECE : line);
      this.#takePiece(1, text.slice(at, end), lines);
      at = end;
    }
  }

  /** What the engine stores as one entry: the time, then a line or a part of one. */
  #takePiece(stream: 1 | 2, piece: string, lines: LogLine[]): void {
    const isTimed = TIME.test(piece);
    const text = isTimed ? piece.slice(TIME_LENGTH) : piece;
    const begun = this.#begun.get(stream);
    const line = begun ?? { time: isTimed ? piece.slice(0, TIME_LENGTH - 1) : "", text: "" };
    line.text += text;
    if (text.endsWith("\n") || line.text.length > MAX_LINE) {
      if (begun) this.#begun.delete(stream);
      lines.push({ time: line.time, stream, text: withoutEnd(line.text) });
    } else if (!begun) this.#begun.set(stream, line);
  }
}

const withoutEnd = (text: string): string =>
  text.endsWith("\r\n") ? text.slice(0, -2) : text.endsWith("\n") ? text.slice(0, -1) : text;
