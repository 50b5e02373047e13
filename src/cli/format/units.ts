const UNITS = ["B", "kB", "MB", "GB", "TB", "PB"] as const;

/** Bytes in powers of 1000 with three significant digits, as docker prints image sizes: 1.98MB. */
export function formatBytes(bytes: number): string {
  const power = bytes < 1 ? 0 : Math.min(Math.floor(Math.log10(bytes) / 3), UNITS.length - 1);
  return `${Number((bytes / 1000 ** power).toPrecision(3))}${UNITS[power]}`;
}

const SPANS = [
  ["year", 365 * 24 * 3600],
  ["month", 30 * 24 * 3600],
  ["week", 7 * 24 * 3600],
  ["day", 24 * 3600],
  ["hour", 3600],
  ["minute", 60],
] as const;

/** How long ago, roughly, in docker's words: "About a minute ago", "3 weeks ago". */
export function formatAge(seconds: number): string {
  for (const [name, length] of SPANS) {
    const count = Math.floor(seconds / length);
    // docker counts in the smaller unit until there are two of the larger one
    if (count >= 2 || (count === 1 && (name === "minute" || name === "hour"))) {
      return count === 1 ? `About ${name === "hour" ? "an" : "a"} ${name} ago` : `${count} ${name}s ago`;
    }
  }
  const rest = Math.max(0, Math.floor(seconds));
  if (rest < 1) return "Less than a second ago";
  return rest === 1 ? "1 second ago" : `${rest} seconds ago`;
}
