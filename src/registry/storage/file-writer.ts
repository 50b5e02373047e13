import { type FileHandle, open } from "node:fs/promises";

/** Chunks of a connection are small (64 KiB); they are written together, fewer of them where many uploads wait. */
const BATCH = 1024 * 1024;
const SMALL_BATCH = 64 * 1024;
const LARGE_UPLOADS = 16;
let uploads = 0;

/** One write under way while the next batch gathers: back-pressure with two batches of memory. */
class BatchWriter {
  readonly #file: FileHandle;
  #position: number;
  #batch: Uint8Array[] = [];
  #gathered = 0;
  #writing: Promise<void> = Promise.resolve();

  constructor(file: FileHandle, position: number) {
    this.#file = file;
    this.#position = position;
  }

  async add(chunk: Uint8Array): Promise<void> {
    this.#batch.push(chunk);
    this.#gathered += chunk.length;
    if (this.#gathered >= (uploads > LARGE_UPLOADS ? SMALL_BATCH : BATCH)) await this.#write();
  }

  async finish(): Promise<number> {
    await this.#write();
    await this.#writing;
    return this.#position;
  }

  async #write(): Promise<void> {
    await this.#writing;
    if (this.#gathered === 0) return;
    const [batch, at, size] = [this.#batch, this.#position, this.#gathered];
    this.#batch = [];
    this.#gathered = 0;
    this.#position += size;
    this.#writing = writeAll(this.#file, batch, at, size);
    // whoever comes next waits for it and sees the failure
    this.#writing.catch(() => undefined);
  }
}

async function writeAll(file: FileHandle, batch: Uint8Array[], at: number, size: number): Promise<void> {
  const { bytesWritten } = await file.writev(batch, at);
  if (bytesWritten === size) return;
  const rest = Buffer.concat(batch).subarray(bytesWritten);
  for (let done = 0; done < rest.length; ) {
    const next = await file.write(rest, done, rest.length - done, at + bytesWritten + done);
    done += next.bytesWritten;
  }
}

/** See BlobStorage.append. What was received is kept when the source fails. */
export async function appendToFile(
  path: string,
  offset: number,
  source: AsyncIterable<Uint8Array>,
  observe: (chunk: Uint8Array) => void,
): Promise<number> {
  const file = await open(path, "r+");
  const writer = new BatchWriter(file, offset);
  uploads++;
  try {
    try {
      for await (const chunk of source) {
        observe(chunk);
        await writer.add(chunk);
      }
    } catch (error) {
      await writer.finish().catch(() => undefined);
      throw error;
    }
    return await writer.finish();
  } finally {
    uploads--;
    await file.close();
  }
}
