/** A program to start as a child of this process, in a session of its own. */
export interface Program {
  /** Absolute path; `args[0]` is only what the program is told that it is called. */
  readonly file: string;
  readonly args: readonly string[];
  /** All of it: nothing is inherited. */
  readonly environment: Readonly<Record<string, string>>;
  /** Descriptors of this process that become 0, 1, 2, ... in the child. Their owner closes them afterwards. */
  readonly descriptors: readonly number[];
}

export interface Child {
  readonly pid: number;
  /** Its exit code, or 128 and the number of the signal that ended it. */
  readonly ended: Promise<number>;
}

/** Both ends of a pipe, closed on exec. */
export interface Pipe {
  /** Non-blocking. */
  readonly ours: number;
  /** Blocking, as programs expect it of their stdio. */
  readonly theirs: number;
}

/** Child processes where Node's own are too dear: those are forked with all of this process's page tables. */
export interface Children {
  /** Returns when the program runs. Throws KernelError when it cannot be run. */
  start(program: Program): Child;
  /** From now on orphans below this process become its children and are waited for. Once, and not for libraries. */
  adoptOrphans(): void;
  /** A pipe out of which the child reads. */
  inputPipe(): Pipe;
  /**
   * A pipe into which the child writes. Its end can also be read, so that it is never without a reader: a child that
   * outlives us waits when the pipe is full, where it would otherwise be ended by SIGPIPE.
   */
  outputPipe(): Pipe;
  /** Whether a pipe or FIFO, by either end, holds bytes that nobody has read yet (FIONREAD: pipe(7)). Throws KernelError. */
  hasUnread(fd: number): boolean;
  /**
   * Path of a copy of a program that lives in memory and that nobody can change any more (memfd_create(2), sealed), as
   * long as this process lives. Undefined where the kernel does not allow such programs.
   */
  sealedCopy(file: string): string | undefined;
}
