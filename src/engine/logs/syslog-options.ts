import { invalidParameter } from "../../base/errors.ts";
import type { Labels } from "../views.ts";
import { type LogAddress, parseAddress } from "./address.ts";

const FACILITIES = [
  ..."kern user mail daemon auth syslog lpr news uucp cron authpriv ftp".split(" "),
  ...Array<string>(4).fill(""),
  ...Array.from({ length: 8 }, (_, number) => `local${number}`),
];
const DAEMON = 3;
const FORMATS = ["", "rfc3164", "rfc5424", "rfc5424micro"];

/** By name or number (RFC 5424, table 1); "daemon" when none is named. */
export function facilityOf(text: string): number {
  if (text === "") return DAEMON;
  const number = /^\d{1,2}$/.test(text) ? Number(text) : FACILITIES.indexOf(text.toLowerCase());
  if (number >= 0 && number < FACILITIES.length) return number;
  throw invalidParameter("invalid syslog facility");
}

/** Undefined for the daemon of this machine. */
export function syslogAddress(options: Labels): LogAddress | undefined {
  const text = options["syslog-address"] ?? "";
  return text === "" ? undefined : parseAddress(text, ["udp", "tcp", "tcp+tls", "unix", "unixgram"], 514);
}

export function checkSyslog(options: Labels): void {
  syslogAddress(options);
  facilityOf(options["syslog-facility"] ?? "");
  if (!FORMATS.includes(options["syslog-format"] ?? "")) throw invalidParameter("Invalid syslog format");
}
