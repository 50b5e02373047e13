import type { LogEntry, StreamName } from "../runtime.ts";
import type { LogLine } from "./line.ts";

/** Longest part of a line that is held back in wait for the rest of it, as in Docker's log copier. */
const LONGEST = 16 * 1024;

interface Pending {
  time: string;
  parts: Uint8Array[];
  size: number;
}

/**
 * Makes a program's lines whole again: conmon ends a line of the log wherever a read from the pipe ended. A line longer
 * than 16 KiB comes in several entries, all but the last marked partial.
 */
export class LineJoiner {
  readonly #pending = new Map<StreamName, Pending>();

  /** The entry that is complete with this line, if one is. */
  push({ time, stream, complete, data }: LogLine): LogEntry | undefined {
    const begun = this.#pending.get(stream);
    // Nearly every line of nearly every log.
    if (!begun && complete) return { time, stream, data, partial: false };
    const pending = begun ?? { time, parts: [], size: 0 };
    this.#pending.set(stream, pending);
    pending.time = time;
    pending.parts.push(complete ? data : Buffer.from(data));
    pending.size += data.byteLength;
    if (!complete && pending.size < LONGEST) return undefined;
    this.#pending.delete(stream);
    return entryOf(stream, pending, complete);
  }

  /** What the program left unfinished at its end. */
  rest(): readonly LogEntry[] {
    const entries = [...this.#pending].map(([stream, pending]) => entryOf(stream, pending, false));
    this.#pending.clear();
    return entries;
  }
}

function entryOf(stream: StreamName, { time, parts }: Pending, complete: boolean): LogEntry {
  return { time, stream, data: Buffer.concat(parts), partial: !complete };
}
