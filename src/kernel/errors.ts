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
