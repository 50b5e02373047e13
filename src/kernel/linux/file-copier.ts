import { constants as fsConstants, readFileSync } from "node:fs";
import { constants } from "node:os";
import type { FileName } from "../../base/entries.ts";
import type { CopierOptions, FileCopier } from "../files.ts";
import { check, kernelError, lastErrno, native, openAt, withDescriptor } from "./libc.ts";
import { EntryStatus } from "./statx.ts";
import { fgetXattr, flistXattrs, fsetXattr } from "./xattrs.ts";

const ioctl = native("ioctl", "int", "int", "ulong", "int");
const copyFileRange = native("copy_file_range", "long", "int", "void *", "int", "void *", "size_t", "uint");
const sendfile = native("sendfile", "long", "int", "int", "void *", "size_t");
const lseek = native("lseek", "int64_t", "int", "int64_t", "int");
const ftruncate = native("ftruncate", "int", "int", "int64_t");
const fchown = native("fchown", "int", "int", "uint", "uint");
const fchmod = native("fchmod", "int", "int", "uint");
const futimens = native("futimens", "int", "int", "void *");

const { ENOSPC, EDQUOT, EIO, ENXIO, EINVAL, EXDEV, ENOSYS, ENOTTY, EOPNOTSUPP } = constants.errno;
const FICLONE = 0x40049409;
const SEEK_SET = 0;
const SEEK_DATA = 3;
const SEEK_HOLE = 4;
/** st_blocks counts these. */
const BLOCK = 512;
/** What the kernel takes at most in one of these calls (MAX_RW_COUNT). */
const MOST = 0x7ffff000;

/** O_NONBLOCK: should the file have become a FIFO since its folder was read, nothing waits for a writer. */
const READ = fsConstants.O_RDONLY | fsConstants.O_NOFOLLOW | fsConstants.O_NONBLOCK;
const CREATE = fsConstants.O_WRONLY | fsConstants.O_CREAT | fsConstants.O_EXCL | fsConstants.O_NOFOLLOW;

/** Copies files of one tree into another; what the two filesystems cannot do with each other is tried once. */
class Copier implements FileCopier {
  readonly #options: CopierOptions;
  readonly #status = new EntryStatus();
  readonly #umask = ownUmask();
  #sharesBlocks = true;
  #copiesRanges = true;

  constructor(options: CopierOptions) {
    this.#options = options;
  }

  file(fromDir: number, name: FileName, toDir: number): void {
    withDescriptor(openAt(fromDir, name, READ), (from) => {
      const status = this.#status;
      status.ofOpen(from, name);
      if (!status.isFile) throw kernelError("openat", EINVAL, `${name} is no file any more`);
      if (status.links > 1 && this.#options.isLinked(status.inode)) return;
      const { uid, gid, mode } = status;
      // Until it has its owner nobody else needs to reach it, and its special bits would be lost by the change.
      const created = uid === 0 && gid === 0 ? mode & 0o777 : 0o600;
      withDescriptor(openAt(toDir, name, CREATE, created), (to) => {
        this.#data(from, to, name);
        this.#dress(from, to, name, created & ~this.#umask);
      });
    });
  }

  attributes(from: number, to: number, name: FileName): void {
    this.#status.ofOpen(from, name);
    this.#dress(from, to, name, undefined);
  }

  /** `has`: the permissions the target has already. */
  #dress(from: number, to: number, name: FileName, has: number | undefined): void {
    const { uid, gid, mode, times } = this.#status;
    if (uid !== 0 || gid !== 0) check(fchown(to, uid, gid), "fchown", name);
    if (mode !== has) check(fchmod(to, mode), "fchmod", name);
    for (const attribute of flistXattrs(from, name)) {
      if (!this.#options.keepsXattr(attribute)) continue;
      const value = fgetXattr(from, attribute, name);
      if (value) fsetXattr(to, attribute, value, name);
    }
    check(futimens(to, times), "futimens", name);
  }

  #data(from: number, to: number, name: FileName): void {
    const { size, blocks } = this.#status;
    if (size === 0) return;
    if (this.#sharesBlocks) {
      if (ioctl(to, FICLONE, from) === 0) return;
      this.#sharesBlocks = !refusesAll(lastErrno(), "ioctl", name);
    }
    if (blocks * BLOCK < size) this.#ranges(from, to, size, name);
    else this.#range(from, to, size, name);
  }

  /** Holes stay holes. */
  #ranges(from: number, to: number, size: number, name: FileName): void {
    for (let end = 0; end < size; ) {
      const start = lseek(from, end, SEEK_DATA);
      if (start < 0) {
        // Only a hole is left.
        if (lastErrno() === ENXIO) break;
        throw kernelError("lseek", lastErrno(), name);
      }
      end = check(lseek(from, start, SEEK_HOLE), "lseek", name);
      check(lseek(from, start, SEEK_SET), "lseek", name);
      check(lseek(to, start, SEEK_SET), "lseek", name);
      this.#range(from, to, end - start, name);
    }
    check(ftruncate(to, size), "ftruncate", name);
  }

  /** So many bytes from where both are; fewer when the file has become shorter meanwhile. */
  #range(from: number, to: number, length: number, name: FileName): void {
    for (let left = length; left > 0; ) {
      const copied = this.#some(from, to, Math.min(left, MOST), name);
      if (copied === 0) return;
      left -= copied;
    }
  }

  #some(from: number, to: number, length: number, name: FileName): number {
    if (this.#copiesRanges) {
      const copied = copyFileRange(from, null, to, null, length, 0);
      if (copied >= 0) return copied;
      this.#copiesRanges = !refusesAll(lastErrno(), "copy_file_range", name);
    }
    return check(sendfile(to, from, null, length), "sendfile", name);
  }
}

/** Read where it changes nothing: umask(2), and so `process.umask`, has to set one to tell the other, for all threads. */
const ownUmask = (): number =>
  Number.parseInt(/^Umask:\s*([0-7]+)$/m.exec(readFileSync("/proc/self/status", "utf8"))?.[1] ?? "777", 8);

/** Whether the two filesystems cannot do it with any file; throws what is wrong with this one or with the disk. */
function refusesAll(errno: number, syscall: string, name: FileName): boolean {
  if (errno === ENOSPC || errno === EDQUOT || errno === EIO) throw kernelError(syscall, errno, name);
  return errno === EXDEV || errno === EOPNOTSUPP || errno === ENOSYS || errno === ENOTTY;
}

export const createFileCopier = (options: CopierOptions): FileCopier => new Copier(options);
