/** A failed system call. `code` is the errno's name ("EBUSY"), as in Node's own errors. */
export class KernelError extends Error {
  readonly code: string;
  readonly errno: number;
  readonly syscall: string;

  constructor(syscall: string, code: string, errno: number, detail: string) {
    super(`${syscall}: ${code}${detail ? ` (${detail})` : ""}`);
    this.name = "KernelError";
    this.code = code;
    this.errno = errno;
    this.syscall = syscall;
  }
}

/** A tree cannot be removed, for something is mounted at `path` in it (or, EBUSY, the kernel needs what is there). */
export class MountInTree extends KernelError {
  /** Below the folder that the removal began in; the middle of a very long one is left out. */
  readonly path: string;

  constructor(path: string, cause: unknown) {
    const { syscall, code, errno } = cause as KernelError;
    super(syscall, code, errno, `${path} is a mount point: unmount it, the data below it is left alone`);
    this.name = "MountInTree";
    this.path = path;
    this.cause = cause;
  }
}
