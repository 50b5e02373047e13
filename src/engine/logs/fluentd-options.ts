import { invalidParameter } from "../../base/errors.ts";
import type { Labels } from "../views.ts";
import { type LogAddress, parseAddress } from "./address.ts";
import { optional, parseBytes, parseCount, parseSwitch } from "./values.ts";

const DEFAULT_PORT = 24224;
const SWITCHES = [
  "fluentd-async",
  "fluentd-async-connect",
  "fluentd-request-ack",
  "fluentd-sub-second-precision",
];

export const isOn = (options: Labels, name: string): boolean => optional(options, name, parseSwitch) ?? false;

/** "host", "host:port", "tcp://host:port" or "unix:///path". */
export function fluentdAddress(options: Labels): LogAddress {
  const text = options["fluentd-address"] || `localhost:${DEFAULT_PORT}`;
  return parseAddress(text.includes("://") ? text : `tcp://${text}`, ["tcp", "tls", "unix"], DEFAULT_PORT);
}

/** "500ms", "1s" to milliseconds. */
export function parseWait(option: string, text: string): number {
  const match = /^(\d+(?:\.\d+)?)(ms|s|m)$/.exec(text);
  if (!match) throw invalidParameter(`log opt ${option} is no duration such as 500ms: '${text}'`);
  return Number(match[1]) * { ms: 1, s: 1000, m: 60_000 }[match[2] as "ms" | "s" | "m"];
}

export function checkFluentd(options: Labels): void {
  fluentdAddress(options);
  for (const name of SWITCHES) isOn(options, name);
  if (options["fluentd-async"] !== undefined && options["fluentd-async-connect"] !== undefined)
    throw invalidParameter(
      "conflicting options: cannot specify both 'fluentd-async' and 'fluentd-async-connect'",
    );
  optional(options, "fluentd-retry-wait", parseWait);
  optional(options, "fluentd-async-reconnect-interval", parseWait);
  optional(options, "fluentd-buffer-limit", (option, text) => parseBytes(option, text, 1024));
  optional(options, "fluentd-max-retries", (option, text) => parseCount(option, text, 0));
}
