import { constants as fsConstants } from "node:fs";
import { constants } from "node:os";
import { basename, dirname } from "node:path";
import type { Subvolumes } from "../subvolumes.ts";
import { AT_FDCWD, check, kernelError, lastErrno, native, openAt, withDescriptor } from "./libc.ts";

const ioctl = native("ioctl", "int", "int", "ulong", "void *");

/** linux/btrfs.h */
const SNAP_CREATE = 0x50009401;
const SUBVOL_CREATE = 0x5000940e;
const SNAP_DESTROY = 0x5000940f;
const QUOTA_CTL = 0xc0109428;
const QGROUP_LIMIT = 0x8030942b;
const QUOTA_CTL_ENABLE = 1n;
const QGROUP_LIMIT_MAX_EXCL = 2n;

const ARGS_SIZE = 4096;
const NAME_AT = 8;
const FOLDER = fsConstants.O_RDONLY | fsConstants.O_DIRECTORY | fsConstants.O_NOFOLLOW;

const openFolder = (path: string): number => openAt(AT_FDCWD, path, FOLDER);

/** struct btrfs_ioctl_vol_args: a descriptor and a name. */
function volumeArgs(name: string, fd = 0): Uint8Array {
  const args = Buffer.alloc(ARGS_SIZE);
  args.writeBigInt64LE(BigInt(fd), 0);
  const length = args.write(name, NAME_AT);
  if (name === "" || name.includes("\0") || length !== Buffer.byteLength(name) || length > 255)
    throw kernelError("ioctl", constants.errno.EINVAL, `not a subvolume's name: ${JSON.stringify(name)}`);
  return args;
}

const inParent = (path: string, body: (fd: number, name: string) => void): void =>
  withDescriptor(openFolder(dirname(path)), (fd) => body(fd, basename(path)));

const words = (...values: readonly bigint[]): Uint8Array => new Uint8Array(new BigUint64Array(values).buffer);

export const subvolumes: Subvolumes = {
  create(path) {
    inParent(path, (fd, name) => check(ioctl(fd, SUBVOL_CREATE, volumeArgs(name)), "ioctl", path));
  },
  snapshot(source, path) {
    withDescriptor(openFolder(source), (from) =>
      inParent(path, (fd, name) => check(ioctl(fd, SNAP_CREATE, volumeArgs(name, from)), "ioctl", path)),
    );
  },
  remove(path) {
    inParent(path, (fd, name) => check(ioctl(fd, SNAP_DESTROY, volumeArgs(name)), "ioctl", path));
  },
  limit(path, bytes) {
    withDescriptor(openFolder(path), (fd) => {
      const isOn = ioctl(fd, QUOTA_CTL, words(QUOTA_CTL_ENABLE, 0n)) >= 0;
      if (!isOn && lastErrno() !== constants.errno.EEXIST) throw kernelError("ioctl", lastErrno(), path);
      // Group 0 is the subvolume's own: qgroupid, then struct btrfs_qgroup_limit.
      const request = words(0n, QGROUP_LIMIT_MAX_EXCL, 0n, BigInt(bytes), 0n, 0n);
      check(ioctl(fd, QGROUP_LIMIT, request), "ioctl", path);
    });
  },
};
