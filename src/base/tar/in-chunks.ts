/** The same bytes in pieces of `size`, the last one shorter; each owns its buffer. */
export function* inChunks(parts: Iterable<Uint8Array>, size: number): Generator<Uint8Array<ArrayBuffer>> {
  let chunk = new Uint8Array(size);
  let used = 0;
  for (const part of parts) {
    for (let done = 0; done < part.length; ) {
      const piece = part.subarray(done, done + size - used);
      chunk.set(piece, used);
      used += piece.length;
      done += piece.length;
      if (used < size) continue;
      yield chunk;
      chunk = new Uint8Array(size);
      used = 0;
    }
  }
  if (used > 0) yield chunk.slice(0, used);
}
