import { invalidParameter, messageOf } from "../../base/errors.ts";
import type { Labels } from "../views.ts";
import { optional, parseCount, parseSwitch } from "./values.ts";

const FORMATS = ["inline", "json", "raw"] as const;
export type SplunkFormat = (typeof FORMATS)[number];

export const SPLUNK_OPTIONS = [
  "splunk-caname",
  "splunk-capath",
  "splunk-format",
  "splunk-gzip",
  "splunk-gzip-level",
  "splunk-index",
  "splunk-index-acknowledgment",
  "splunk-insecureskipverify",
  "splunk-source",
  "splunk-sourcetype",
  "splunk-token",
  "splunk-url",
  "splunk-verify-connection",
];

const SWITCHES = [
  ["splunk-gzip", false],
  ["splunk-index-acknowledgment", false],
  ["splunk-insecureskipverify", false],
  ["splunk-verify-connection", true],
] as const;

/** One of the options that are true or false, or its default. */
export function isOn(options: Labels, name: (typeof SWITCHES)[number][0]): boolean {
  const fallback = SWITCHES.find(([known]) => known === name)?.[1] ?? false;
  return optional(options, name, parseSwitch) ?? fallback;
}

/** Where events go: the path of the HTTP event collector at the address that was given. */
export function collectorUrl(options: Labels): URL {
  const text = options["splunk-url"] ?? "";
  if (text === "") throw invalidParameter("splunk: splunk-url is expected");
  const url = URL.parse(text);
  const isPlain = url && ["http:", "https:"].includes(url.protocol) && url.pathname === "/";
  if (!isPlain || url.search !== "" || url.hash !== "")
    throw invalidParameter(`splunk: expected format scheme://dns_name_or_ip:port for splunk-url: ${text}`);
  return new URL("/services/collector/event/1.0", url);
}

export function splunkFormat(options: Labels): SplunkFormat {
  const text = options["splunk-format"] || "inline";
  const format = FORMATS.find((known) => known === text);
  if (format) return format;
  throw invalidParameter(
    `splunk: unknown format specified ${text}, supported formats are ${FORMATS.join(", ")}`,
  );
}

/** Docker says so when the container starts: the words are those of a driver that cannot be made. */
export function checkSplunk(options: Labels): void {
  try {
    collectorUrl(options);
    if (!options["splunk-token"]) throw invalidParameter("splunk: splunk-token is expected");
    splunkFormat(options);
    for (const [name] of SWITCHES) isOn(options, name);
    optional(options, "splunk-gzip-level", (option, value) => parseCount(option, value, -1, 9));
  } catch (error) {
    throw invalidParameter(`failed to initialize logging driver: ${messageOf(error)}`, error);
  }
}
