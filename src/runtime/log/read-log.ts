import { invalidParameter } from "../../base/errors.ts";
import type { LogEntry, ReadLog } from "../runtime.ts";
import { Changes } from "./changes.ts";
import { LogFiles } from "./files.ts";
import { LineJoiner } from "./join.ts";
import { eachLine, parseLogLine, sortableTime } from "./line.ts";
import { findTail, type TailStart } from "./tail.ts";
import { walk } from "./walk.ts";

/** Picks the wanted entries from the lines of the log. Pure but for what it remembers of lines before. */
class Selection {
  readonly #joiner = new LineJoiner();
  readonly #since: string | undefined;
  readonly #until: string | undefined;
  #skipLines: number;
  /** An entry later than `until` was seen: nothing more is wanted. */
  past = false;

  constructor({ since, until }: ReadLog, skipLines: number) {
    this.#since = bound("since", since);
    this.#until = bound("until", until);
    this.#skipLines = skipLines;
  }

  from(text: Buffer): readonly LogEntry[] {
    const entries: LogEntry[] = [];
    this.#joiner.begin();
    eachLine(text, (start, end) => {
      const line = this.past ? undefined : parseLogLine(text, start, end);
      const entry = line && this.#joiner.push(line);
      if (!entry) return;
      if (this.#skipLines > 0) {
        if (!entry.partial) this.#skipLines--;
      } else if (this.#wants(entry)) entries.push(entry);
    });
    return entries;
  }

  rest(): readonly LogEntry[] {
    return this.#joiner.rest().filter((entry) => this.#wants(entry));
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

/** The first file that can hold what is wanted: those that ended before `since` are not even unpacked. */
async function startOf(files: LogFiles, { tail, since }: ReadLog): Promise<TailStart> {
  if (tail !== undefined) return findTail(files, tail);
  const from = since === undefined ? 0 : Date.parse(since);
  let file = await files.after(0);
  for (;;) {
    const changed = await files.changedAt(file);
    if (changed === undefined || changed >= from) return { file, offset: 0, skipLines: 0 };
    file = await files.after(file);
  }
}

/**
 * The log of a container, in the order in which its lines ended, some entries at a time. With `tail` the file is read from its end. With
 * `follow` it goes on, through rotations, until `ended` settles or the signal fires (which is no error).
 */
export async function* readLog(path: string, options: ReadLog): AsyncGenerator<readonly LogEntry[]> {
  const { signal } = options;
  using changes = new Changes(path, options);
  const files = new LogFiles(path);
  const start = await startOf(files, options);
  const selection = new Selection(options, start.skipLines);
  for await (const { text } of walk(files, start, changes)) {
    if (signal?.aborted) return;
    const entries = selection.from(text);
    if (entries.length > 0) yield entries;
    if (selection.past) return;
  }
  const rest = signal?.aborted ? [] : selection.rest();
  if (rest.length > 0) yield rest;
}
