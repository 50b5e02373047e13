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

/** struct fs_quota_statv, struct fs_disk_quota and their calls, of linux/dqblk_xfs.h: XFS has its own. */
const QSTATV_SIZE = 160;
const QSTATV_VERSION = 1;
const QSTATV_FLAGS = 2;
const PROJECTS_COUNTED_AND_LIMITED = 0x30;
const DISK_QUOTA_SIZE = 112;
const DISK_QUOTA_VERSION = 1;
const FS_PROJ_QUOTA = 2;
const FS_DQ_BSOFT_AND_BHARD = 0x0c;
const BASIC_BLOCK = 512n;
const xfsCommand = (number: number): number => command(0x5800 + number);
const Q_XSETQLIM = xfsCommand(4);
const Q_XGETQSTATV = xfsCommand(8);

const withFolder = <T>(folder: string, body: (fd: number) => T): T =>
  withDescriptor(openAt(AT_FDCWD, folder, constants.O_RDONLY | constants.O_DIRECTORY), body);

function joinProject(fd: number, folder: string, project: number): void {
  const attributes = Buffer.alloc(FSXATTR_SIZE);
  check(ioctl(fd, FS_IOC_FSGETXATTR, attributes), "ioctl", `FS_IOC_FSGETXATTR ${folder}`);
  attributes.writeUInt32LE((attributes.readUInt32LE(XFLAGS) | FS_XFLAG_PROJINHERIT) >>> 0, XFLAGS);
  attributes.writeUInt32LE(project, PROJECT);
  check(ioctl(fd, FS_IOC_FSSETXATTR, attributes), "ioctl", `FS_IOC_FSSETXATTR ${folder}`);
}

const isCounted = (fd: number): boolean => quotactlFd(SYS.quotactlFd, fd, Q_GETFMT, 0, Buffer.alloc(4)) === 0;

function isCountedByXfs(fd: number): boolean {
  const state = Buffer.alloc(QSTATV_SIZE);
  state.writeInt8(QSTATV_VERSION, 0);
  if (quotactlFd(SYS.quotactlFd, fd, Q_XGETQSTATV, 0, state) !== 0) return false;
  const flags = state.readUInt16LE(QSTATV_FLAGS);
  return (flags & PROJECTS_COUNTED_AND_LIMITED) === PROJECTS_COUNTED_AND_LIMITED;
}

const blocksOf = (bytes: number, size: bigint): bigint => (BigInt(bytes) + size - 1n) / size;

function limits(bytes: number): Buffer {
  const limits = Buffer.alloc(DQBLK_SIZE);
  limits.writeBigUInt64LE(blocksOf(bytes, BLOCK), 0);
  limits.writeBigUInt64LE(blocksOf(bytes, BLOCK), 8);
  limits.writeUInt32LE(QIF_BLIMITS, VALID);
  return limits;
}

function xfsLimits(project: number, bytes: number): Buffer {
  const limits = Buffer.alloc(DISK_QUOTA_SIZE);
  limits.writeInt8(DISK_QUOTA_VERSION, 0);
  limits.writeInt8(FS_PROJ_QUOTA, 1);
  limits.writeUInt16LE(FS_DQ_BSOFT_AND_BHARD, 2);
  limits.writeUInt32LE(project, 4);
  limits.writeBigUInt64LE(blocksOf(bytes, BASIC_BLOCK), 8);
  limits.writeBigUInt64LE(blocksOf(bytes, BASIC_BLOCK), 16);
  return limits;
}

export const quotas: Quotas = {
  isSupported: (folder) => withFolder(folder, (fd) => isCounted(fd) || isCountedByXfs(fd)),
  limit: (folder, project, bytes) =>
    withFolder(folder, (fd) => {
      joinProject(fd, folder, project);
      const failed = isCounted(fd)
        ? quotactlFd(SYS.quotactlFd, fd, Q_SETQUOTA, project, limits(bytes))
        : quotactlFd(SYS.quotactlFd, fd, Q_XSETQLIM, project, xfsLimits(project, bytes));
      check(failed, "quotactl_fd", folder);
    }),
};
