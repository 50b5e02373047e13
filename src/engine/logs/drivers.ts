import { invalidParameter } from "../../base/errors.ts";
import type { LogConfig } from "../containers/documents.ts";
import type { Labels } from "../views.ts";
import type { LogDriver, OpenSink } from "./driver.ts";
import { checkFluentd } from "./fluentd-options.ts";
import { checkGelf } from "./gelf-options.ts";
import { checkLimits } from "./limits.ts";
import { checkSourceOptions } from "./source.ts";
import { checkSplunk, SPLUNK_OPTIONS } from "./splunk-options.ts";
import { checkSyslog } from "./syslog-options.ts";
import { optional, parseBytes } from "./values.ts";

const ATTRIBUTES = ["labels", "labels-regex", "env", "env-regex", "tag"];
const FILES = ["max-size", "max-file", "compress"];
/** Of the local copy from which `docker logs` reads. */
const CACHE = ["cache-disabled", "cache-max-size", "cache-max-file", "cache-compress"];
const DELIVERY = ["mode", "max-buffer-size"];

/** A driver that sends lines somewhere, which is loaded when the first container uses it. */
const remote = (name: string, own: readonly string[], load: () => Promise<OpenSink>) => ({
  title: `${name} log driver`,
  options: [...own, ...ATTRIBUTES, ...CACHE],
  open: (async (...args) => (await load())(...args)) satisfies OpenSink,
});

const DRIVERS: Readonly<Record<string, LogDriver>> = {
  "json-file": { title: "json-file log driver", options: [...FILES, ...ATTRIBUTES] },
  local: { title: "log driver local", options: [...FILES, ...ATTRIBUTES] },
  none: { title: "none log driver", options: [] },
  syslog: {
    ...remote(
      "syslog",
      [
        "syslog-address",
        "syslog-facility",
        "syslog-format",
        "syslog-tls-ca-cert",
        "syslog-tls-cert",
        "syslog-tls-key",
        "syslog-tls-skip-verify",
      ],
      async () => (await import("./sinks/syslog.ts")).openSyslog,
    ),
    check: checkSyslog,
  },
  gelf: {
    ...remote(
      "gelf",
      [
        "gelf-address",
        "gelf-compression-level",
        "gelf-compression-type",
        "gelf-tcp-max-reconnect",
        "gelf-tcp-reconnect-delay",
      ],
      async () => (await import("./sinks/gelf.ts")).openGelf,
    ),
    check: checkGelf,
  },
  fluentd: {
    ...remote(
      "fluentd",
      [
        "fluentd-address",
        "fluentd-async",
        "fluentd-async-connect",
        "fluentd-async-reconnect-interval",
        "fluentd-buffer-limit",
        "fluentd-max-retries",
        "fluentd-request-ack",
        "fluentd-retry-wait",
        "fluentd-sub-second-precision",
      ],
      async () => (await import("./sinks/fluentd.ts")).openFluentd,
    ),
    check: checkFluentd,
  },
  splunk: {
    ...remote("splunk", SPLUNK_OPTIONS, async () => (await import("./sinks/splunk.ts")).openSplunk),
    check: checkSplunk,
  },
  journald: remote("journald", [], async () => (await import("./sinks/journald.ts")).openJournald),
};

export const driverOf = (name: string): LogDriver | undefined =>
  Object.hasOwn(DRIVERS, name) ? DRIVERS[name] : undefined;

/** What a container logs with: its own, or the engine's default with the engine's options where it names none. */
export function completeLogConfig(
  own: LogConfig | null | undefined,
  defaults: { readonly driver: string; readonly options: Labels },
): { readonly Type: string; readonly Config: Labels } {
  const Type = own?.Type || defaults.driver;
  const shared = Type === defaults.driver ? defaults.options : {};
  return { Type, Config: { ...shared, ...own?.Config } };
}

function checkDelivery(options: Labels): void {
  const mode = options["mode"] ?? "";
  if (!["", "blocking", "non-blocking"].includes(mode))
    throw invalidParameter(`logger: logging mode not supported: ${mode}`);
  if (options["max-buffer-size"] === undefined) return;
  if (mode !== "non-blocking")
    throw invalidParameter("logger: max-buffer-size option is only supported with 'mode=non-blocking'");
  optional(options, "max-buffer-size", (option, text) => parseBytes(option, text, 1024));
}

/** Throws invalidParameter for a driver, an option or a value that would have no effect. Takes a complete one. */
export function checkLogConfig({ Type, Config }: { readonly Type: string; readonly Config: Labels }): void {
  const driver = driverOf(Type);
  if (!driver) {
    throw invalidParameter(`error looking up logging plugin ${Type}: plugin "${Type}" not found`);
  }
  // Docker takes any option with "none", to no effect.
  if (Type === "none") return;
  const unknown = Object.keys(Config).find(
    (option) => !driver.options.includes(option) && !DELIVERY.includes(option),
  );
  if (unknown !== undefined) throw invalidParameter(`unknown log opt '${unknown}' for ${driver.title}`);
  checkDelivery(Config);
  checkSourceOptions(Config);
  checkLimits(Type, Config);
  driver.check?.(Config);
}

/** False for a driver that keeps nothing. */
export const keepsLog = (config: LogConfig | null | undefined): boolean => config?.Type !== "none";

/** False where `docker logs` has nothing to read from. */
export const isReadable = (config: LogConfig | null | undefined): boolean =>
  keepsLog(config) && !/^(1|t|true)$/i.test(config?.Config?.["cache-disabled"] ?? "");
