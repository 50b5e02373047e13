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

const two = (value: number): string => String(value).padStart(2, "0");

/** As Go prints a time: "2026-11-21 12:00:00 +0000 UTC". `seconds` since the epoch. */
export function formatTime(seconds: number): string {
  const date = new Date(seconds * 1000);
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  const time = `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
  return `${day} ${time} ${offsetOf(date)} ${zoneOf(date)}`;
}

function offsetOf(date: Date): string {
  const minutes = -date.getTimezoneOffset();
  const size = Math.abs(minutes);
  return `${minutes < 0 ? "-" : "+"}${two(Math.trunc(size / 60))}${two(size % 60)}`;
}

function zoneOf(date: Date): string {
  if (date.getTimezoneOffset() === 0) return "UTC";
  const part = new Intl.DateTimeFormat("en-US", { timeZoneName: "short" })
    .formatToParts(date)
    .find(({ type }) => type === "timeZoneName")?.value;
  return part === undefined || part.startsWith("GMT") ? offsetOf(date).replace(/00$/, "") : part;
}

/** RFC 3339 with the offset of this machine: "2026-11-21T12:00:00Z". */
export function formatRfc3339(seconds: number): string {
  const [day, time, offset = ""] = formatTime(seconds).split(" ");
  return `${day}T${time}${offset === "+0000" ? "Z" : `${offset.slice(0, 3)}:${offset.slice(3)}`}`;
}

/** Ids as lists show them: without the algorithm, 12 letters. */
export const shortId = (id: string): string => id.replace(/^sha256:/, "").slice(0, 12);

/** At most `width` characters, the last of them "…" when some are left out. */
export function ellipsis(text: string, width: number): string {
  const characters = [...text];
  return characters.length <= width ? text : `${characters.slice(0, width - 1).join("")}…`;
}

/** An RFC 3339 instant as Go prints a time: "2026-11-21 12:53:59.841 +0000 UTC", with the fraction it has. */
export function formatGoTime(instant: string): string {
  const [, fraction = ""] = /\.(\d+)/.exec(instant) ?? [];
  const zeroless = fraction.replace(/0+$/, "");
  const date = new Date(instant);
  const day = `${date.getUTCFullYear()}-${two(date.getUTCMonth() + 1)}-${two(date.getUTCDate())}`;
  const time = `${two(date.getUTCHours())}:${two(date.getUTCMinutes())}:${two(date.getUTCSeconds())}`;
  return `${day} ${time}${zeroless ? `.${zeroless}` : ""} +0000 UTC`;
}
