import { readFileSync } from "node:fs";
import { constants } from "node:os";
import type { Processes, ProcessHandle } from "../processes.ts";
import type { EventLoop } from "./event-loop.ts";
import { check, close, kernelError, lastErrno, native, SYS } from "./libc.ts";

const pidfdOpen = native("syscall", "long", "long", "int", "uint");
const pidfdSendSignal = native("syscall", "long", "long", "int", "int", "void *", "uint");
const poll = native("poll", "int", "void *", "ulong", "int");
const getrlimit = native("getrlimit", "int", "int", "void *");

const { EINTR, EINVAL, ENOENT, ESRCH } = constants.errno;
const POLLIN = 1;

/** Numbers of getrlimit(2), by the names of the OCI runtime specification without "RLIMIT_", in lower case. */
const RESOURCES: readonly string[] = [
  "cpu",
  "fsize",
  "data",
  "stack",
  "core",
  "rss",
  "nproc",
  "nofile",
  "memlock",
  "as",
  "locks",
  "sigpending",
  "msgqueue",
  "nice",
  "rtprio",
  "rttime",
];

/** A pidfd is readable as soon as its process has ended, whether or not somebody has waited for it (pidfd_open(2)). */
function hasEnded(pidfd: number): boolean {
  const pollfd = new Uint8Array(new Int32Array([pidfd, 0]).buffer);
  new Uint16Array(pollfd.buffer)[2] = POLLIN;
  for (;;) {
    const ready = poll(pollfd, 1, 0);
    if (ready >= 0) return ready > 0;
    const errno = lastErrno();
    if (errno !== EINTR) throw kernelError("poll", errno, "pidfd");
  }
}

class PidfdHandle implements ProcessHandle {
  readonly pid: number;
  readonly #loop: EventLoop;
  #fd: number;
  #gone = false;
  #ended: Promise<void> | undefined;
  #watch: number | undefined;

  constructor(pid: number, fd: number, loop: EventLoop) {
    this.pid = pid;
    this.#fd = fd;
    this.#loop = loop;
  }

  /** Watched from the first time somebody asks, so that a handle which only signals costs no thread. */
  get ended(): Promise<void> {
    this.#ended ??= this.isAlive() ? this.#watched() : Promise.resolve();
    return this.#ended;
  }

  #watched(): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const readable = () => {
      this.#watch = undefined;
      resolve();
    };
    const lost = (error: unknown) => {
      this.#watch = undefined;
      // A loop that was asked to end just stops watching: at shutdown the processes live on.
      if (error !== undefined) reject(error);
    };
    this.#watch = this.#loop.watch(this.#fd, { readable, lost });
    return promise;
  }

  isAlive(): boolean {
    if (!this.#gone && this.#fd >= 0) this.#gone = hasEnded(this.#fd);
    return !this.#gone && this.#fd >= 0;
  }

  signal(signal: number): boolean {
    if (!this.isAlive()) return false;
    if (pidfdSendSignal(SYS.pidfdSendSignal, this.#fd, signal, null, 0) === 0) return true;
    const errno = lastErrno();
    if (errno === ESRCH) return false;
    throw kernelError("pidfd_send_signal", errno, `signal ${signal} to process ${this.pid}`);
  }

  [Symbol.dispose](): void {
    const fd = this.#fd;
    this.#fd = -1;
    if (fd < 0) return;
    if (this.#watch === undefined) close(fd);
    else this.#loop.release(this.#watch);
  }
}

function open(loop: EventLoop, pid: number): ProcessHandle | undefined {
  if (!Number.isInteger(pid) || pid <= 0) return undefined;
  const fd = pidfdOpen(SYS.pidfdOpen, pid, 0);
  if (fd < 0) {
    const errno = lastErrno();
    // EINVAL, in newer kernels ENOENT: the number is that of a thread other than its process's first.
    if (errno === ESRCH || errno === EINVAL || errno === ENOENT) return undefined;
    throw kernelError("pidfd_open", errno, `process ${pid}`);
  }
  if (!hasEnded(fd)) return new PidfdHandle(pid, fd, loop);
  close(fd);
  return undefined;
}

/** Field 22 of a line of /proc/PID/stat; the name in field 2 may hold spaces and parentheses, so count from its end. */
export function startTimeField(stat: string): number | undefined {
  const field = stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19];
  return field === undefined || !/^\d+$/.test(field) ? undefined : Number(field);
}

function startTime(pid: number): number | undefined {
  try {
    return startTimeField(readFileSync(`/proc/${pid}/stat`, "latin1"));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ESRCH") return undefined;
    throw error;
  }
}

function limit(resource: string): { readonly soft: bigint; readonly hard: bigint } {
  const number = RESOURCES.indexOf(resource);
  if (number < 0) throw kernelError("getrlimit", EINVAL, `no such resource: ${resource}`);
  const values = new BigUint64Array(2);
  check(getrlimit(number, new Uint8Array(values.buffer)), "getrlimit", resource);
  return { soft: values[0]!, hard: values[1]! };
}

export const createProcesses = (loop: EventLoop): Processes => ({
  open: (pid) => open(loop, pid),
  startTime,
  limit,
});
