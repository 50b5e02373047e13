import { type FileHandle, open } from "node:fs/promises";
import type { Writable } from "node:stream";
import type { BlobReader } from "./storage.ts";

/** A transfer has two buffers: one is read into while the other is on its way out. */
const LARGE = 256 * 1024;
/** For those beyond the first: many slow clients must not take much memory together. */
const SMALL = 32 * 1024;
const LARGE_TRANSFERS = 32;
/** Buffers of finished transfers, for the next ones: large allocations are slow and keep the collector busy. */
const pool: Buffer[] = [];
let largeTransfers = 0;

interface Buffers extends Disposable {
  readonly size: number;
  readonly pair: readonly [Buffer, Buffer];
  /** They are not in use any more: after a broken transfer they may be, and are left to the collector. */
  reuse(): void;
}

function takeBuffers(): Buffers {
  if (largeTransfers >= LARGE_TRANSFERS) {
    const pair = [Buffer.allocUnsafeSlow(SMALL), Buffer.allocUnsafeSlow(SMALL)] as const;
    return { size: SMALL, pair, reuse: () => undefined, [Symbol.dispose]: () => undefined };
  }
  largeTransfers++;
  const take = () => pool.pop() ?? Buffer.allocUnsafeSlow(LARGE);
  const pair = [take(), take()] as const;
  return {
    size: LARGE,
    pair,
    reuse: () => void pool.push(...pair),
    [Symbol.dispose]: () => void largeTransfers--,
  };
}

export async function openFileReader(path: string): Promise<BlobReader> {
  const file = await open(path, "r");
  try {
    const { size } = await file.stat();
    return {
      size,
      sendTo: (target, start, end) => send(file, target, start, end),
      chunks: () => readChunks(file),
      [Symbol.asyncDispose]: () => file.close(),
    };
  } catch (error) {
    await file.close();
    throw error;
  }
}

async function* readChunks(file: FileHandle): AsyncGenerator<Uint8Array> {
  using buffers = takeBuffers();
  const [buffer] = buffers.pair;
  for (let position = 0; ; ) {
    const { bytesRead } = await file.read(buffer, 0, buffers.size, position);
    if (bytesRead === 0) break;
    yield buffer.subarray(0, bytesRead);
    position += bytesRead;
  }
  buffers.reuse();
}

async function send(file: FileHandle, target: Writable, start: number, end: number): Promise<void> {
  if (end - start + 1 <= SMALL) return sendOnce(file, target, start, end);
  using buffers = takeBuffers();
  let position = start;
  let sent: Promise<void> = Promise.resolve();
  for (let turn = 0; position <= end; turn++) {
    const buffer = buffers.pair[turn % 2]!;
    const wanted = Math.min(buffers.size, end - position + 1);
    const { bytesRead } = await file.read(buffer, 0, wanted, position);
    if (bytesRead === 0) throw new Error("the content is shorter than it was when it was opened");
    // the other buffer must be out before it is filled again
    await sent;
    sent = writeTo(target, buffer.subarray(0, bytesRead));
    sent.catch(() => undefined);
    position += bytesRead;
  }
  await sent;
  buffers.reuse();
}

async function sendOnce(file: FileHandle, target: Writable, start: number, end: number): Promise<void> {
  const content = Buffer.allocUnsafe(end - start + 1);
  let filled = 0;
  while (filled < content.length) {
    const { bytesRead } = await file.read(content, filled, content.length - filled, start + filled);
    if (bytesRead === 0) throw new Error("the content is shorter than it was when it was opened");
    filled += bytesRead;
  }
  await writeTo(target, content);
}

/** Resolves when the bytes have left for the kernel; rejects when the connection is gone. */
function writeTo(target: Writable, bytes: Uint8Array): Promise<void> {
  return new Promise((resolve, reject) => {
    if (target.destroyed) {
      reject(new Error("the client went away"));
      return;
    }
    const onClose = () => reject(new Error("the client went away"));
    target.once("close", onClose);
    target.write(bytes, (error) => {
      target.off("close", onClose);
      if (error) reject(error);
      else resolve();
    });
  });
}
