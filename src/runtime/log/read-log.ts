import { invalidParameter } from "../../base/errors.ts";
import type { LogEntry, ReadLog } from "../runtime.ts";
import { Changes } from "./changes.ts";
import { LineJoiner } from "./join.ts";
import { parseLogLine, sortableTime } from "./line.ts";
import { LineReader, openIfAny } from "./line-reader.ts";
import { findTail } from "./tail.ts";

/** Picks the wanted entries from the lines of the log. Pure but for what it remembers of lines before. */
class Selection {
  readonly #joiner = new LineJoiner();
  readonly #since: string | undefined;
  readonly #until: string | undefined;
  #skipLines = 0;
  /** An entry later than `until` was seen: nothing more is wanted. */
  past = false;

  constructor({ since, until }: ReadLog) {
    this.#since = bound("since", since);
    this.#until = bound("until", until);
  }

  skip(lines: number): void {
    this.#skipLines = lines;
  }

  *from(lines: readonly Buffer[]): Generator<LogEntry> {
    for (const line of lines) {
      const parsed = parseLogLine(line);
      const entry = parsed && this.#joiner.push(parsed);
      if (!entry) continue;
      if (this.#skipLines > 0) {
        if (!entry.partial) this.#skipLines--;
      } else if (this.#wants(entry)) yield entry;
      if (this.past) return;
    }
  }

  *rest(): Generator<LogEntry> {
    for (const entry of this.#joiner.rest()) if (this.#wants(entry)) yield entry;
  }

  #wants({ time }: LogEntry): boolean {
    if (!this.#since && !this.#until) return true;
    const at = sortableTime(time) ?? "";
    this.past ||= this.#until !== undefined && at > this.#until;
    return !this.past && (this.#since === undefined || at >= this.#since);
  }
}

function bound(name: string, value: string | undefined): string | undefined {
  if (value === undefined) return undefined;
  const time = sortableTime(value);
  if (time === undefined) throw invalidParameter(`"${name}" is no time of RFC 3339: ${value}`);
  return time;
}

async function openReader(path: string, tail: number | undefined, selection: Selection) {
  const file = await openIfAny(path);
  if (!file) return undefined;
  const { size } = await file.stat();
  const start = tail === undefined ? undefined : await findTail(file, size, tail);
  selection.skip(start?.skipLines ?? 0);
  return new LineReader(file, start?.offset ?? 0);
}

async function* drain(
  reader: LineReader,
  selection: Selection,
  signal?: AbortSignal,
): AsyncGenerator<LogEntry> {
  for (let lines = await reader.next(); lines && !selection.past; lines = await reader.next()) {
    yield* selection.from(lines);
    if (signal?.aborted) return;
  }
}

/**
 * The log of a container, in the order in which its lines ended. With `tail` the file is read from its end. With
 * `follow` it goes on, through rotations by rename, until `ended` settles or the signal fires (which is no error).
 */
export async function* readLog(path: string, options: ReadLog): AsyncGenerator<LogEntry> {
  const { signal } = options;
  using changes = new Changes(path, options);
  const selection = new Selection(options);
  let reader = await openReader(path, options.tail, selection);
  try {
    while (!selection.past && !signal?.aborted) {
      const last = changes.over;
      if (reader) yield* drain(reader, selection, signal);
      if (reader && (await reader.isReplaced(path))) {
        // The writer has moved on to the new file, so now the old one is complete.
        yield* drain(reader, selection, signal);
        await reader.close();
        reader = await openReader(path, undefined, selection);
        continue;
      }
      if (last) break;
      reader ??= await openReader(path, undefined, selection);
      await changes.next();
    }
    if (!selection.past && !signal?.aborted) yield* selection.rest();
  } finally {
    await reader?.close();
  }
}
