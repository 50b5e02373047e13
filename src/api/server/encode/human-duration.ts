const plural = (count: number, unit: string): string => `${count} ${unit}`;

/** A time span as Docker words it in `STATUS` columns: "5 minutes", "About an hour". */
export function humanDuration(milliseconds: number): string {
  const seconds = Math.trunc(milliseconds / 1000);
  if (seconds < 1) return "Less than a second";
  if (seconds === 1) return "1 second";
  if (seconds < 60) return plural(seconds, "seconds");
  const minutes = Math.trunc(seconds / 60);
  if (minutes === 1) return "About a minute";
  if (minutes < 60) return plural(minutes, "minutes");
  const hours = Math.trunc(milliseconds / 3_600_000 + 0.5);
  if (hours === 1) return "About an hour";
  if (hours < 48) return plural(hours, "hours");
  if (hours < 24 * 7 * 2) return plural(Math.trunc(hours / 24), "days");
  if (hours < 24 * 30 * 2) return plural(Math.trunc(hours / 24 / 7), "weeks");
  if (hours < 24 * 365 * 2) return plural(Math.trunc(hours / 24 / 30), "months");
  return plural(Math.trunc(milliseconds / 3_600_000 / 24 / 365), "years");
}
