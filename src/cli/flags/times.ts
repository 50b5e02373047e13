import { formatInstant, parseInstant } from "../../api/routes/timestamp.ts";

/** A time as the engine takes it: words relative to now are counted from this machine's. */
export function readTime(name: "since" | "until", word: string): string | undefined {
  if (word === "") return undefined;
  const instant = parseInstant(word, Date.now());
  if (instant === undefined)
    throw new Error(
      `invalid value for "${name}": failed to parse value as time or duration: ${JSON.stringify(word)}`,
    );
  return formatInstant(instant);
}
