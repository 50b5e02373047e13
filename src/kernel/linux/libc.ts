import { createRequire } from "node:module";
import { constants } from "node:os";
import type * as Koffi from "koffi";
import { KernelError } from "../errors.ts";

// Loading koffi costs 10 - 20 ms and 8 MB: it is paid by the first call into the kernel, not by importing this room.
const require = createRequire(import.meta.url);
let loaded: { readonly koffi: typeof Koffi; readonly libc: Koffi.LibraryHandle } | undefined;

function library() {
  if (loaded) return loaded;
  const koffi = require("koffi") as typeof Koffi;
  loaded = { koffi, libc: koffi.load(null) };
  return loaded;
}

/** What may be handed to a C function: numbers, addresses of bytes, strings, NULL, arrays of strings ending with NULL. */
export type Argument = number | bigint | string | Uint8Array | readonly (string | null)[] | null;

/** The Linux system call numbers that are the same on every architecture (those added since 5.1). */
export const SYS = {
  pidfdSendSignal: 424,
  openTree: 428,
  moveMount: 429,
  pidfdOpen: 434,
  openat2: 437,
  mountSetattr: 442,
  quotactlFd: 443,
  fchmodat2: 452,
} as const;

const MKNODAT: Partial<Record<NodeJS.Architecture, number>> = { x64: 259, arm64: 33 };

/** mknodat(2) by number, because glibc before 2.33 does not export it. */
export const sysMknodat = (): number => MKNODAT[process.arch] ?? 33;

/**
 * Declares a function of the C library; it is bound when first called. `symbol` is looked up in this process, so a
 * function may be declared several times with different argument lists (`syscall`). koffi caches nothing across threads:
 * each thread binds its own.
 */
export function native(
  symbol: string,
  result: string,
  ...args: readonly string[]
): (...args: Argument[]) => number {
  let bound: ((...args: Argument[]) => number) | undefined;
  return (...values) => {
    bound ??= library().libc.func(symbol, result, [...args]) as (...args: Argument[]) => number;
    const answer = bound(...values);
    // Fetched here and not by the caller: anything that runs in between may allocate, and so change errno.
    if (answer < 0) errno = library().koffi.errno();
    return answer;
  };
}

/**
 * As `native`, on a thread of Node's pool: for calls that the kernel answers late. The errno of a failed call is lost on
 * that thread, so this is for calls whose failure shows some other way.
 */
export function nativeLater(
  symbol: string,
  result: string,
  ...args: readonly string[]
): (...args: Argument[]) => Promise<number> {
  let bound: Koffi.KoffiFunc<(...args: Argument[]) => number> | undefined;
  return (...values) => {
    bound ??= library().libc.func(symbol, result, [...args]);
    const { promise, resolve, reject } = Promise.withResolvers<number>();
    bound.async(...values, (error: unknown, answer: number) => (error ? reject(error) : resolve(answer)));
    return promise;
  };
}

const names = new Map(Object.entries(constants.errno).map(([name, value]) => [value, name]));
// Two names share a number on Linux; the one people know from manual pages is used.
names.set(constants.errno.EAGAIN, "EAGAIN").set(constants.errno.EOPNOTSUPP, "EOPNOTSUPP");

/** The name of an errno value, "ENOENT"; "E<number>" for one without a name in Node. */
export const errnoName = (errno: number): string => names.get(errno) ?? `E${errno}`;

let errno = 0;

/** The errno of this thread's last call that answered less than zero. */
export const lastErrno = (): number => errno;

export const kernelError = (syscall: string, errno: number, detail: string | Buffer): KernelError =>
  new KernelError(syscall, errnoName(errno), errno, String(detail));

/** Keeps to one way of failing, whatever Node calls it. */
export function asKernelError(error: unknown, syscall: string, path: string): unknown {
  const { code, errno } = error as { readonly code?: unknown; readonly errno?: unknown };
  if (error instanceof KernelError || typeof code !== "string" || typeof errno !== "number") return error;
  return new KernelError(syscall, code, Math.abs(errno), path);
}

/** Throws KernelError when a call answered -1; otherwise hands its result on. */
export function check(result: number, syscall: string, detail: string | Buffer = ""): number {
  if (result >= 0) return result;
  throw kernelError(syscall, lastErrno(), detail);
}

const END = Buffer.of(0);

/**
 * Refuses text with a NUL in it: C would see a shorter string, and with names out of an archive that is another file.
 */
export function cString<T extends string | Buffer>(text: T, syscall: string): T {
  if (!text.includes("\0")) return typeof text === "string" ? text : (Buffer.concat([text, END]) as T);
  throw kernelError(syscall, constants.errno.EINVAL, `NUL character in ${JSON.stringify(String(text))}`);
}

export const close = native("close", "int", "int");

/** Runs the body with a descriptor that is closed afterwards in any case. */
export function withDescriptor<T>(fd: number, body: (fd: number) => T): T {
  try {
    return body(fd);
  } finally {
    close(fd);
  }
}

const openat = native("openat", "int", "int", "str", "int", "uint");

/** Relative to the working directory, in place of a directory's descriptor: openat(2). */
export const AT_FDCWD = -100;
export const AT_SYMLINK_NOFOLLOW = 0x100;
export const O_CLOEXEC = 0x80000;
export const O_PATH = 0x200000;

/** openat(2) with O_CLOEXEC. */
export function openAt(directory: number, path: string | Buffer, flags: number, mode = 0): number {
  return check(openat(directory, cString(path, "openat"), flags | O_CLOEXEC, mode), "openat", path);
}
