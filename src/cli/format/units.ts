export {
  formatAge,
  formatBytes,
  formatDuration,
  formatMemory,
  formatSize,
} from "../../base/quantities.ts";

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
