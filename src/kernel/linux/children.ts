import { closeSync, constants, openSync, readFileSync, writeSync } from "node:fs";
import { constants as system } from "node:os";
import type { Child, Children, Pipe, Program } from "../children.ts";
import { check, kernelError, lastErrno, native, O_CLOEXEC } from "./libc.ts";
import { adoptOrphans } from "./orphans.ts";

const posixSpawn = native(
  "posix_spawn",
  "int",
  "void *",
  "str",
  "void *",
  "void *",
  "const char **",
  "const char **",
);
const actionsInit = native("posix_spawn_file_actions_init", "int", "void *");
const actionsDup = native("posix_spawn_file_actions_adddup2", "int", "void *", "int", "int");
const actionsDestroy = native("posix_spawn_file_actions_destroy", "int", "void *");
const attributesInit = native("posix_spawnattr_init", "int", "void *");
const setFlags = native("posix_spawnattr_setflags", "int", "void *", "short");
const setDefaults = native("posix_spawnattr_setsigdefault", "int", "void *", "void *");
const setMask = native("posix_spawnattr_setsigmask", "int", "void *", "void *");
const waitpid = native("waitpid", "int", "int", "void *", "int");
const pipe2 = native("pipe2", "int", "void *", "int");
const memfdCreate = native("memfd_create", "int", "str", "uint");
const fchmod = native("fchmod", "int", "int", "uint");
const fcntl = native("fcntl", "int", "int", "int", "int");
const ioctl = native("ioctl", "int", "int", "ulong", "void *");

/** Larger than the opaque types posix_spawn_file_actions_t and posix_spawnattr_t (336 bytes in glibc and musl). */
const OPAQUE = 512;
const SIGNAL_SET = 128;
const POSIX_SPAWN_SETSIGDEF = 0x04;
const POSIX_SPAWN_SETSIGMASK = 0x08;
const POSIX_SPAWN_SETSID = 0x80;
const WNOHANG = 1;
const MFD_CLOEXEC = 1;
const MFD_ALLOW_SEALING = 2;
const MFD_EXEC = 0x10;
const F_ADD_SEALS = 1033;
const FIONREAD = 0x541b;
/** No further seals, no shrinking, growing or writing: what crun and runc look for. */
const ALL_SEALS = 1 | 2 | 4 | 8;

/** These answer with an error number instead of -1 and errno. */
function must(error: number, call: string, detail = ""): void {
  if (error !== 0) throw kernelError(call, error, detail);
}

/** Every signal as a new process has it: Node ignores SIGPIPE, which a child would inherit. */
function makeAttributes(): Uint8Array {
  const attributes = new Uint8Array(OPAQUE);
  must(attributesInit(attributes), "posix_spawnattr_init");
  must(setDefaults(attributes, new Uint8Array(SIGNAL_SET).fill(0xff)), "posix_spawnattr_setsigdefault");
  must(setMask(attributes, new Uint8Array(SIGNAL_SET)), "posix_spawnattr_setsigmask");
  const flags = POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSID;
  must(setFlags(attributes, flags), "posix_spawnattr_setflags");
  return attributes;
}

let attributes: Uint8Array | undefined;

function spawn({ file, args, environment, descriptors }: Program): number {
  attributes ??= makeAttributes();
  const actions = new Uint8Array(OPAQUE);
  must(actionsInit(actions), "posix_spawn_file_actions_init");
  try {
    descriptors.forEach((fd, target) => {
      must(actionsDup(actions, fd, target), "posix_spawn_file_actions_adddup2");
    });
    const pid = new Int32Array(1);
    const variables = Object.entries(environment).map(([name, value]) => `${name}=${value}`);
    const bytes = new Uint8Array(pid.buffer);
    must(
      posixSpawn(bytes, file, actions, attributes, [...args, null], [...variables, null]),
      "posix_spawn",
      file,
    );
    return pid[0] ?? 0;
  } finally {
    actionsDestroy(actions);
  }
}

/** By wait(2). */
function exitCode(status: number): number {
  const signal = status & 0x7f;
  return signal === 0 ? (status >> 8) & 0xff : 128 + signal;
}

const living = new Map<number, (code: number) => void>();

/** Asks after our own children only: Node waits for its own by their numbers, too. */
function reap(): void {
  const status = new Int32Array(1);
  for (const [pid, settle] of living) {
    const answer = waitpid(pid, new Uint8Array(status.buffer), WNOHANG);
    if (answer === 0) continue;
    if (answer < 0 && lastErrno() === system.errno.EINTR) continue;
    living.delete(pid);
    check(answer, "waitpid", `process ${pid}`);
    settle(exitCode(status[0] ?? 0));
  }
  if (living.size === 0) process.off("SIGCHLD", reap);
}

function start(program: Program): Child {
  // Before the child is there, so that its end cannot be missed.
  if (living.size === 0) process.on("SIGCHLD", reap);
  const { promise, resolve } = Promise.withResolvers<number>();
  try {
    const pid = spawn(program);
    living.set(pid, resolve);
    return { pid, ended: promise };
  } finally {
    if (living.size === 0) process.off("SIGCHLD", reap);
  }
}

function makePipe(): { readonly read: number; readonly write: number } {
  const pair = new Int32Array(2);
  check(pipe2(new Uint8Array(pair.buffer), O_CLOEXEC | constants.O_NONBLOCK), "pipe2");
  return { read: pair[0] ?? -1, write: pair[1] ?? -1 };
}

/** Opened anew, an end of a pipe has flags of its own: `ours` is non-blocking, `theirs` is not (proc_pid_fd(5)). */
function reopened(ours: number, other: number, flags: number): Pipe {
  try {
    return { ours, theirs: openSync(`/proc/self/fd/${other}`, flags) };
  } catch (error) {
    closeSync(ours);
    throw error;
  } finally {
    closeSync(other);
  }
}

function inputPipe(): Pipe {
  const { read, write } = makePipe();
  return reopened(write, read, constants.O_RDONLY);
}

function outputPipe(): Pipe {
  const { read, write } = makePipe();
  return reopened(read, write, constants.O_RDWR);
}

function hasUnread(fd: number): boolean {
  const count = new Int32Array(1);
  check(ioctl(fd, FIONREAD, new Uint8Array(count.buffer)), "ioctl", "FIONREAD");
  return count[0] !== 0;
}

function memoryFile(name: string): number {
  const flags = MFD_CLOEXEC | MFD_ALLOW_SEALING;
  const fd = memfdCreate(name, flags | MFD_EXEC);
  // Kernels before 6.3 do not know MFD_EXEC, and need not be told.
  return fd < 0 && lastErrno() === system.errno.EINVAL ? memfdCreate(name, flags) : fd;
}

function sealedCopy(file: string): string | undefined {
  const fd = memoryFile(file.slice(file.lastIndexOf("/") + 1));
  if (fd < 0) return undefined;
  try {
    const bytes = readFileSync(file);
    for (let offset = 0; offset < bytes.length; ) offset += writeSync(fd, bytes, offset);
    check(fchmod(fd, 0o755), "fchmod", file);
    check(fcntl(fd, F_ADD_SEALS, ALL_SEALS), "fcntl F_ADD_SEALS", file);
    return `/proc/${process.pid}/fd/${fd}`;
  } catch (error) {
    closeSync(fd);
    throw error;
  }
}

export const children: Children = {
  start,
  adoptOrphans,
  inputPipe,
  outputPipe,
  hasUnread,
  sealedCopy,
};
