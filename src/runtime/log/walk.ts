import type { LogPosition } from "../runtime.ts";
import type { Changes } from "./changes.ts";
import type { LogFiles } from "./files.ts";
import { LineReader, type Lines } from "./line-reader.ts";

export interface WalkedLines extends Lines {
  readonly file: number;
}

async function openAt(files: LogFiles, { file, offset }: LogPosition): Promise<LineReader | undefined> {
  const handle = await files.open(file);
  return handle && new LineReader(handle, offset);
}

async function* drain(reader: LineReader, file: number): AsyncGenerator<WalkedLines> {
  for (let next = await reader.next(); next; next = await reader.next()) yield { ...next, file };
}

/**
 * The lines from a place to the end of the log, through all its files, and as long as `changes` goes on what is
 * written later. The caller ends it by not asking for more.
 */
export async function* walk(
  files: LogFiles,
  from: LogPosition,
  changes: Changes,
): AsyncGenerator<WalkedLines> {
  let { file } = from;
  let reader = await openAt(files, from);
  try {
    for (;;) {
      const last = changes.over;
      if (reader) yield* drain(reader, file);
      if (await files.isComplete(file)) {
        // The writer has moved on to the next file, so now this one has all it will have.
        if (reader) yield* drain(reader, file);
        await reader?.close();
        file = await files.after(file);
        reader = await openAt(files, { file, offset: 0 });
        continue;
      }
      if (last) return;
      const isNew = !reader;
      reader ??= await openAt(files, { file, offset: 0 });
      if (!reader || !isNew) await changes.next();
    }
  } finally {
    await reader?.close();
  }
}
