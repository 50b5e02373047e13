export interface DeviceNumbers {
  readonly major: number;
  readonly minor: number;
}

/** Of what is no device. */
export const NO_DEVICE: DeviceNumbers = { major: 0, minor: 0 };

/** makedev(3) taken apart, as glibc and the kernel put 64-bit device numbers together. */
export function deviceNumbers(rdev: number | bigint): DeviceNumbers {
  const device = BigInt(rdev);
  const major = ((device >> 8n) & 0xfffn) | ((device >> 32n) & 0xfffff000n);
  const minor = (device & 0xffn) | ((device >> 12n) & 0xffffff00n);
  return { major: Number(major), minor: Number(minor) };
}
