import type { LogEntry, StreamName } from "../runtime.ts";
import type { LogLine } from "./line.ts";

/** Longest part of a line that is held back in wait for the rest of it, as in Docker's log copier. */
const LONGEST = 16 * 1024;

/** Bytes one behind the other, in memory that is used again and again. */
class Memory {
  #bytes = Buffer.alloc(0);
  #used = 0;

  get used(): number {
    return this.#used;
  }

  /** What was given stays as it is until the memory is cleared, also when this takes more memory. */
  append(data: Uint8Array): Buffer {
    const end = this.#used + data.byteLength;
    if (end > this.#bytes.length) {
      const grown = Buffer.allocUnsafeSlow(Math.max(LONGEST, 2 * end));
      this.#bytes.copy(grown, 0, 0, this.#used);
      this.#bytes = grown;
    }
    const place = this.#bytes.subarray(this.#used, end);
    place.set(data);
    this.#used = end;
    return place;
  }

  get all(): Buffer {
    return this.#bytes.subarray(0, this.#used);
  }

  clear(): void {
    this.#used = 0;
  }
}

/**
 * Makes a program's lines whole again: conmon ends a line of the log wherever a read from the pipe ended. A line longer
 * than 16 KiB comes in several entries, all but the last marked partial.
 */
export class LineJoiner {
  /** Streams whose line has begun, with the time of its latest part. */
  readonly #begun = new Map<StreamName, string>();
  readonly #parts: Readonly<Record<StreamName, Memory>> = { stdout: new Memory(), stderr: new Memory() };
  readonly #joined = new Memory();

  /** To be called before the next lines are read: entries that were given are no longer needed. */
  begin(): void {
    this.#joined.clear();
  }

  /** The entry that is complete with this line, if one is. */
  push({ time, stream, complete, data }: LogLine): LogEntry | undefined {
    const parts = this.#parts[stream];
    const isLast = complete || parts.used + data.byteLength >= LONGEST;
    // Nearly every line of nearly every log.
    if (isLast && !this.#begun.has(stream)) return { time, stream, data, partial: !complete };
    this.#begun.set(stream, time);
    parts.append(data);
    return isLast ? this.#take(stream, time, complete) : undefined;
  }

  /** What the program left unfinished at its end. */
  rest(): readonly LogEntry[] {
    return [...this.#begun].map(([stream, time]) => this.#take(stream, time, false));
  }

  #take(stream: StreamName, time: string, complete: boolean): LogEntry {
    const parts = this.#parts[stream];
    const data = this.#joined.append(parts.all);
    parts.clear();
    this.#begun.delete(stream);
    return { time, stream, data, partial: !complete };
  }
}
