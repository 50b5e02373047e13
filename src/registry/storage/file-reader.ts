import { type FileHandle, open } from "node:fs/promises";
import type { Writable } from "node:stream";
import type { BlobReader } from "./storage.ts";

/** Two of these are in use per transfer: one is read into while the other is on its way out. */
const BUFFER_SIZE = 512 * 1024;
/** Buffers of finished transfers, for the next ones: large allocations are slow and keep the collector busy. */
const pool: Buffer[] = [];
const POOL_LIMIT = 32;

const takeBuffer = (): Buffer => pool.pop() ?? Buffer.allocUnsafeSlow(BUFFER_SIZE);
const giveBack = (buffer: Buffer): void => {
  if (pool.length < POOL_LIMIT) pool.push(buffer);
};

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
  const buffer = takeBuffer();
  for (let position = 0; ; ) {
    const { bytesRead } = await file.read(buffer, 0, BUFFER_SIZE, position);
    if (bytesRead === 0) break;
    yield buffer.subarray(0, bytesRead);
    position += bytesRead;
  }
  giveBack(buffer);
}

async function send(file: FileHandle, target: Writable, start: number, end: number): Promise<void> {
  if (end - start + 1 <= BUFFER_SIZE) return sendOnce(file, target, start, end);
  const buffers = [takeBuffer(), takeBuffer()] as const;
  let position = start;
  let sent: Promise<void> = Promise.resolve();
  let turn = 0;
  while (position <= end) {
    const buffer = buffers[turn % 2]!;
    turn++;
    const wanted = Math.min(BUFFER_SIZE, end - position + 1);
    const { bytesRead } = await file.read(buffer, 0, wanted, position);
    if (bytesRead === 0) throw new Error("the content is shorter than it was when it was opened");
    // the other buffer must be out before it is filled again
    await sent;
    sent = writeTo(target, buffer.subarray(0, bytesRead));
    sent.catch(() => undefined);
    position += bytesRead;
  }
  await sent;
  // after a broken transfer they may still be in use, and are left to the collector
  for (const buffer of buffers) giveBack(buffer);
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
