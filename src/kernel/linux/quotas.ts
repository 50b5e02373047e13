import { constants } from "node:fs";
import type { Quotas } from "../quotas.ts";
import { AT_FDCWD, check, native, openAt, SYS, withDescriptor } from "./libc.ts";

const ioctl = native("ioctl", "int", "int", "ulong", "void *");
const quotactlFd = native("syscall", "long", "long", "int", "uint", "int", "void *");

/** struct fsxattr and its calls, of linux/fs.h. */
const FSXATTR_SIZE = 28;
const FS_IOC_FSGETXATTR = 0x801c581f;
const FS_IOC_FSSETXATTR = 0x401c5820;
const [XFLAGS, PROJECT] = [0, 12];
const FS_XFLAG_PROJINHERIT = 0x200;

/** struct if_dqblk and its calls, of linux/quota.h. */
const DQBLK_SIZE = 72;
const VALID = 64;
const QIF_BLIMITS = 1;
const BLOCK = 1024n;
const PRJQUOTA = 2;
const command = (number: number): number => ((number << 8) | PRJQUOTA) >>> 0;
const Q_GETFMT = command(0x800004);
const Q_SETQUOTA = command(0x800008);

const withFolder = <T>(folder: string, body: (fd: number) => T): T =>
  withDescriptor(openAt(AT_FDCWD, folder, constants.O_RDONLY | constants.O_DIRECTORY), body);

function joinProject(fd: number, folder: string, project: number): void {
  const attributes = Buffer.alloc(FSXATTR_SIZE);
  check(ioctl(fd, FS_IOC_FSGETXATTR, attributes), "ioctl", `FS_IOC_FSGETXATTR ${folder}`);
  attributes.writeUInt32LE(attributes.readUInt32LE(XFLAGS) | FS_XFLAG_PROJINHERIT, XFLAGS);
  attributes.writeUInt32LE(project, PROJECT);
  check(ioctl(fd, FS_IOC_FSSETXATTR, attributes), "ioctl", `FS_IOC_FSSETXATTR ${folder}`);
}

export const quotas: Quotas = {
  isSupported: (folder) =>
    withFolder(folder, (fd) => quotactlFd(SYS.quotactlFd, fd, Q_GETFMT, 0, Buffer.alloc(4)) === 0),
  limit: (folder, project, bytes) =>
    withFolder(folder, (fd) => {
      joinProject(fd, folder, project);
      const limits = Buffer.alloc(DQBLK_SIZE);
      const blocks = (BigInt(bytes) + BLOCK - 1n) / BLOCK;
      limits.writeBigUInt64LE(blocks, 0);
      limits.writeBigUInt64LE(blocks, 8);
      limits.writeUInt32LE(QIF_BLIMITS, VALID);
      check(quotactlFd(SYS.quotactlFd, fd, Q_SETQUOTA, project, limits), "quotactl_fd", folder);
    }),
};
