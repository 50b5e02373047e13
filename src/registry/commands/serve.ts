import { type Command, InvalidArgumentError } from "commander";
import { messageOf } from "../../base/errors.ts";
import { createLogger, LEVELS, type Level } from "../../base/log.ts";
import { DEFAULTS, parseAddress, type RegistryOptions } from "../config.ts";
import { duration } from "./durations.ts";

interface Flags {
  readonly data: string;
  readonly addr: string;
  readonly tlsCert?: string;
  readonly tlsKey?: string;
  readonly trustProxy?: boolean;
  readonly externalUrl?: string;
  readonly lease: number;
  readonly uploadExpiry: number;
  readonly gcInterval: number;
  readonly rateLimit: number;
  readonly idleTimeout: number;
  readonly stopTimeout: number;
  readonly requireAccount?: boolean;
  readonly accessLog: boolean;
  readonly logLevel: Level;
}

function count(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError("expected a number");
  return Number(text);
}

function level(text: string): Level {
  if (!LEVELS.includes(text as Level)) throw new InvalidArgumentError(`expected one of ${LEVELS.join(", ")}`);
  return text as Level;
}

export function configureServe(command: Command): void {
  command
    .requiredOption("--data <folder>", "folder of the registry's data; made when it is not there")
    .option("--addr <address>", "where to listen", ":5000")
    .option("--tls-cert <file>", "certificate chain (PEM); taken up anew when it changes, and on SIGHUP")
    .option("--tls-key <file>", "its key (PEM)")
    .option("--external-url <url>", "as clients reach the registry, where the Host header does not tell")
    .option("--trust-proxy", "believe X-Forwarded-For and X-Forwarded-Proto of a proxy in front")
    .option("--require-account", "let nobody in before there is an account (the registry is open until then)")
    .option("--lease <duration>", "how long contents without a manifest stay", duration, DEFAULTS.leaseTime)
    .option("--upload-expiry <duration>", "how long unfinished uploads stay", duration, DEFAULTS.uploadTime)
    .option(
      "--gc-interval <duration>",
      "time between garbage collections; 0: none",
      duration,
      DEFAULTS.collectEvery,
    )
    .option(
      "--rate-limit <number>",
      "requests per second from one address; 0: no limit",
      count,
      DEFAULTS.rateLimit,
    )
    .option(
      "--idle-timeout <duration>",
      "close connections on which nothing moves",
      duration,
      DEFAULTS.idleTime,
    )
    .option(
      "--stop-timeout <duration>",
      "how long requests may finish at the end",
      duration,
      DEFAULTS.stopTime,
    )
    .option("--no-access-log", "no line per request")
    .option("--log-level <level>", LEVELS.join(", "), level, "info")
    .action((flags: Flags) => serve(flags));
}

function optionsOf(flags: Flags): RegistryOptions {
  if ((flags.tlsCert === undefined) !== (flags.tlsKey === undefined))
    throw new InvalidArgumentError("--tls-cert and --tls-key go together");
  const write = (line: string) => process.stderr.write(`${line}\n`);
  return {
    ...DEFAULTS,
    ...parseAddress(flags.addr),
    data: flags.data,
    ...(flags.tlsCert && flags.tlsKey ? { tls: { certificate: flags.tlsCert, key: flags.tlsKey } } : {}),
    trustProxy: flags.trustProxy ?? false,
    ...(flags.externalUrl ? { externalUrl: flags.externalUrl.replace(/\/+$/, "") } : {}),
    requireAccount: flags.requireAccount ?? false,
    leaseTime: flags.lease,
    uploadTime: flags.uploadExpiry,
    collectEvery: flags.gcInterval,
    rateLimit: flags.rateLimit,
    idleTime: flags.idleTimeout,
    stopTime: flags.stopTimeout,
    log: createLogger({ level: flags.logLevel, format: "json", write }),
    ...(flags.accessLog ? { accessLog: (text: string) => process.stdout.write(text) } : {}),
  };
}

/** Runs until SIGTERM or SIGINT; a second one ends it at once. */
async function serve(flags: Flags): Promise<void> {
  const { startRegistry } = await import("../registry.ts");
  const options = optionsOf(flags);
  const registry = await startRegistry(options);
  const { log } = options;
  process.on("SIGHUP", () => void registry.reload());
  log.info("the registry serves", {
    data: options.data,
    port: registry.port,
    tls: options.tls !== undefined,
  });
  const { promise: told, resolve } = Promise.withResolvers<string>();
  for (const signal of ["SIGTERM", "SIGINT"] as const) process.once(signal, resolve);
  log.info("the registry ends", { signal: await told });
  await registry.stop().catch((error: unknown) => {
    log.error("the registry did not end cleanly", { error: messageOf(error) });
    process.exitCode = 1;
  });
}
