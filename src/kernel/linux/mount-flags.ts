import type { MountFlag } from "../mounts.ts";

/** Values of mount(2). */
export const MS = {
  ro: 0x1,
  nosuid: 0x2,
  nodev: 0x4,
  noexec: 0x8,
  sync: 0x10,
  remount: 0x20,
  dirsync: 0x80,
  noatime: 0x400,
  nodiratime: 0x800,
  bind: 0x1000,
  rec: 0x4000,
  unbindable: 1 << 17,
  private: 1 << 18,
  slave: 1 << 19,
  shared: 1 << 20,
  relatime: 1 << 21,
  strictatime: 1 << 24,
} as const;

const VALUES: Readonly<Record<MountFlag, number>> = {
  ro: MS.ro,
  nosuid: MS.nosuid,
  nodev: MS.nodev,
  noexec: MS.noexec,
  noatime: MS.noatime,
  nodiratime: MS.nodiratime,
  relatime: MS.relatime,
  strictatime: MS.strictatime,
  sync: MS.sync,
  dirsync: MS.dirsync,
  remount: MS.remount,
  bind: MS.bind,
  rbind: MS.bind | MS.rec,
  private: MS.private,
  rprivate: MS.private | MS.rec,
  shared: MS.shared,
  rshared: MS.shared | MS.rec,
  slave: MS.slave,
  rslave: MS.slave | MS.rec,
  unbindable: MS.unbindable,
  runbindable: MS.unbindable | MS.rec,
};

const PROPAGATION = MS.private | MS.shared | MS.slave | MS.unbindable;

/**
 * The calls of mount(2) that a set of flags needs, in order. One call cannot do everything: the kernel ignores "ro" and
 * its like while it binds, and takes a propagation type only in a call of its own (mount(2), NOTES).
 */
export function mountSteps(flags: readonly MountFlag[]): readonly number[] {
  const values = flags.map((flag) => VALUES[flag]);
  const propagation = values.filter((value) => value & PROPAGATION);
  const plain = values.filter((value) => !(value & PROPAGATION)).reduce((sum, value) => sum | value, 0);
  const attributes = plain & ~(MS.bind | MS.rec | MS.remount);
  const isBind = (plain & MS.bind) !== 0 && (plain & MS.remount) === 0;
  if (isBind && attributes) {
    return [plain & ~attributes, MS.remount | MS.bind | attributes, ...propagation];
  }
  return plain === 0 && propagation.length > 0 ? propagation : [plain, ...propagation];
}
