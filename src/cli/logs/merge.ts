/** What has a time: later times are greater texts. */
export interface Timed {
  readonly time: string;
}

interface Cursor<T> {
  readonly source: AsyncIterator<readonly T[]>;
  batch: readonly T[];
  at: number;
}

/**
 * Several sequences, each in order of time, as one. Of each only the batch that was read last is kept, and the next one
 * is not asked for before it is needed. Of equal times the earlier source's comes first.
 */
export async function* mergeByTime<T extends Timed>(
  sources: readonly AsyncIterable<readonly T[]>[],
): AsyncGenerator<readonly T[]> {
  const opened = sources.map((source) => source[Symbol.asyncIterator]());
  try {
    const begun = await Promise.all(opened.map((source) => advance({ source, batch: [], at: 0 })));
    const cursors = begun.filter((cursor) => cursor !== undefined);
    while (cursors.length > 0) {
      const merged: T[] = [];
      const exhausted = mergeUntilExhausted(cursors, merged);
      yield merged;
      if ((await advance(exhausted)) === undefined) cursors.splice(cursors.indexOf(exhausted), 1);
    }
  } finally {
    await Promise.allSettled(opened.map((source) => source.return?.()));
  }
}

const timeOf = <T extends Timed>({ batch, at }: Cursor<T>): string => batch[at]?.time ?? "";

/** Takes what can be put in order without reading on; gives the cursor that has to be read on. There is at least one. */
function mergeUntilExhausted<T extends Timed>(cursors: readonly Cursor<T>[], merged: T[]): Cursor<T> {
  for (;;) {
    let first = cursors[0] as Cursor<T>;
    let limit: string | undefined;
    for (const [index, cursor] of cursors.entries()) {
      if (index === 0) continue;
      const time = timeOf(cursor);
      if (time < timeOf(first)) {
        limit = timeOf(first);
        first = cursor;
      } else if (limit === undefined || time < limit) limit = time;
    }
    do merged.push(first.batch[first.at++] as T);
    while (first.at < first.batch.length && (limit === undefined || timeOf(first) < limit));
    if (first.at === first.batch.length) return first;
  }
}

async function advance<T>(cursor: Cursor<T>): Promise<Cursor<T> | undefined> {
  for (;;) {
    const { value, done } = await cursor.source.next();
    if (done) return undefined;
    if (value.length === 0) continue;
    cursor.batch = value;
    cursor.at = 0;
    return cursor;
  }
}
