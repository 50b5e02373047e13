import type { LogBatch, LogEntry, LogPosition, StreamName } from "../runtime.ts";
import { Changes } from "./changes.ts";
import { LogFiles } from "./files.ts";
import { LineJoiner } from "./join.ts";
import { eachLine, parseLogLine } from "./line.ts";
import { type WalkedLines, walk } from "./walk.ts";

/** Joins lines and knows where to begin again so that none is lost: before the first line that is not whole yet. */
class Resumable {
  readonly #joiner = new LineJoiner();
  readonly #open = new Map<StreamName, LogPosition>();

  push({ file, text, offset }: WalkedLines): readonly LogEntry[] {
    const entries: LogEntry[] = [];
    this.#joiner.begin();
    eachLine(text, (start, end) => {
      const line = parseLogLine(text, start, end);
      const entry = line && this.#joiner.push(line);
      if (!line) return;
      if (entry) {
        entries.push(entry);
        this.#open.delete(line.stream);
      } else if (!this.#open.has(line.stream)) this.#open.set(line.stream, { file, offset: offset + start });
    });
    return entries;
  }

  safe(end: LogPosition): LogPosition {
    const before = (a: LogPosition, b: LogPosition) => a.file - b.file || a.offset - b.offset;
    return [...this.#open.values(), end].sort(before)[0] ?? end;
  }

  rest(): readonly LogEntry[] {
    this.#open.clear();
    return this.#joiner.rest();
  }
}

/**
 * A log from a place on, in batches, each with the place from which to go on after it: whoever keeps that place misses
 * nothing, whenever it ends. It waits for more until `ended` settles.
 */
export async function* followLog(
  path: string,
  from: LogPosition | undefined,
  { ended, signal }: { readonly ended: Promise<unknown>; readonly signal: AbortSignal },
): AsyncGenerator<LogBatch> {
  using changes = new Changes(path, { follow: true, ended, signal });
  const files = new LogFiles(path);
  const lines = new Resumable();
  let position: LogPosition = from ?? { file: await files.after(0), offset: 0 };
  for await (const chunk of walk(files, position, changes)) {
    if (signal.aborted) return;
    const entries = lines.push(chunk);
    position = { file: chunk.file, offset: chunk.offset + chunk.text.length };
    if (entries.length > 0) yield { entries, next: lines.safe(position) };
  }
  const entries = signal.aborted ? [] : lines.rest();
  if (entries.length > 0) yield { entries, next: position };
}
