import { h } from "./dom.js";

const UNITS = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"];

/** "12.3 MiB". @param {number} bytes */
export function size(bytes) {
  const step = bytes < 1 ? 0 : Math.min(UNITS.length - 1, Math.floor(Math.log2(bytes) / 10));
  const value = bytes / 1024 ** step;
  return `${step === 0 || value >= 100 ? Math.round(value) : value.toFixed(1)} ${UNITS[step]}`;
}

/** "2 GiB" where that is exact, else the bytes: what parseSize reads as the same again. @param {number} bytes */
export function exactSize(bytes) {
  let [value, step] = [bytes, 0];
  while (value > 0 && value % 1024 === 0 && step < 4) [value, step] = [value / 1024, step + 1];
  return step === 0 ? String(value) : `${value} ${UNITS[step]}`;
}

/** @param {number} value */
export const count = (value) => value.toLocaleString("en");

/** "1 tag", "2 tags". @param {number} value @param {string} one @param {string} [many] */
export const counted = (value, one, many = `${one}s`) => `${count(value)} ${value === 1 ? one : many}`;

const STEPS = /** @type {const} */ ([
  ["year", 365 * 86_400_000],
  ["month", 30 * 86_400_000],
  ["day", 86_400_000],
  ["hour", 3_600_000],
  ["minute", 60_000],
]);
const relative = new Intl.RelativeTimeFormat("en", { numeric: "auto" });

/** @param {number} at */
function since(at) {
  const distance = at - Date.now();
  for (const [unit, length] of STEPS)
    if (Math.abs(distance) >= length) return relative.format(Math.trunc(distance / length), unit);
  return distance > 0 ? "in a moment" : "just now";
}

/** "3 days ago", with the whole date as its title. @param {number | string | null | undefined} at */
export function age(at, never = "never") {
  const time = typeof at === "string" ? Date.parse(at) : at;
  if (time === null || time === undefined || Number.isNaN(time)) return h("span", { class: "quiet" }, never);
  const date = new Date(time);
  return h("time", { datetime: date.toISOString(), title: date.toLocaleString() }, since(time));
}

/** Day and time to the second. @param {number} at */
export const moment = (at) =>
  h("time", { datetime: new Date(at).toISOString() }, new Date(at).toLocaleString("sv"));

/** The beginning of a digest, with the whole as its title. @param {string} digest */
export const shortDigest = (digest) =>
  h("code", { title: digest }, digest.slice(0, digest.indexOf(":") + 13));

const FACTORS = /** @type {Record<string, number>} */ ({
  "": 1,
  k: 1024,
  m: 1024 ** 2,
  g: 1024 ** 3,
  t: 1024 ** 4,
});

/** "10 GiB", "500m" or "1000" in bytes; null for nothing. Throws what is wrong with it. @param {string} text */
export function parseSize(text) {
  if (text.trim() === "") return null;
  const [, value, unit = ""] = /^\s*(\d+(?:\.\d+)?)\s*([kmgt]?)(?:i?b)?\s*$/i.exec(text) ?? [];
  if (value === undefined) throw new Error(`"${text}" is not a size such as 10 GiB`);
  return Math.round(Number(value) * FACTORS[unit.toLowerCase()]);
}
