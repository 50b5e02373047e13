const DECIMAL = ["B", "kB", "MB", "GB", "TB", "PB", "EB"] as const;
const BINARY = ["B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"] as const;

function scaled(bytes: number, base: number, units: readonly string[], digits: number): string {
  let size = bytes;
  let power = 0;
  while (size >= base && power < units.length - 1) {
    size /= base;
    power++;
  }
  return `${general(size, digits)}${units[power]}`;
}

/** Go's %.Ng: N significant digits, without zeros at the end, with an exponent when there are more. */
function general(value: number, digits: number): string {
  const text = value.toPrecision(digits);
  if (text.includes("e")) return text.replace(/\.?0*e\+(\d)$/, "e+0$1");
  return String(Number(text));
}

/** Bytes in powers of 1000 with three significant digits, as docker prints image sizes: 1.98MB. */
export const formatBytes = (bytes: number): string => scaled(bytes, 1000, DECIMAL, 3);
/** The same with four digits. */
export const formatSize = (bytes: number): string => scaled(bytes, 1000, DECIMAL, 4);
/** Bytes in powers of 1024 with four significant digits, as docker prints memory: 61.83MiB. */
export const formatMemory = (bytes: number): string => scaled(bytes, 1024, BINARY, 4);

/** A length of time, roughly, in docker's words: "About a minute", "3 weeks". */
export function formatDuration(seconds: number): string {
  const whole = Math.trunc(seconds);
  if (whole < 1) return "Less than a second";
  if (whole === 1) return "1 second";
  if (whole < 60) return `${whole} seconds`;
  const minutes = Math.trunc(seconds / 60);
  if (minutes === 1) return "About a minute";
  if (minutes < 60) return `${minutes} minutes`;
  const hours = Math.round(seconds / 3600);
  if (hours === 1) return "About an hour";
  if (hours < 48) return `${hours} hours`;
  if (hours < 24 * 7 * 2) return `${Math.trunc(hours / 24)} days`;
  if (hours < 24 * 30 * 2) return `${Math.trunc(hours / 24 / 7)} weeks`;
  if (hours < 24 * 365 * 2) return `${Math.trunc(hours / 24 / 30)} months`;
  return `${Math.trunc(seconds / 3600 / 24 / 365)} years`;
}

export const formatAge = (seconds: number): string => `${formatDuration(seconds)} ago`;
