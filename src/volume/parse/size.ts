import { invalidParameter } from "../../base/errors.ts";

const UNITS = "kmgtp";

/** "10m", "1.5GiB", "512": bytes, with units of 1024 as Docker's RAMInBytes reads them. Throws invalidParameter. */
export function parseSize(text: string): number {
  const match = /^(\d+(?:\.\d+)?) ?(?:([kmgtp])(?:i?b)?|b)?$/i.exec(text);
  if (!match) throw invalidParameter(`invalid size: '${text}'`);
  const [, number = "0", unit = ""] = match;
  return Math.floor(Number(number) * 1024 ** (unit === "" ? 0 : UNITS.indexOf(unit.toLowerCase()) + 1));
}
