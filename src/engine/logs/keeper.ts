import { join } from "node:path";
import { messageOf, systemError } from "../../base/errors.ts";
import type { Container } from "../containers/container.ts";
import { within } from "../containers/end.ts";
import type { Kit } from "../containers/kit.ts";
import { containerFolder, logPath } from "../containers/paths.ts";
import type { Labels } from "../views.ts";
import type { LogDriver, LogSink } from "./driver.ts";
import { driverOf } from "./drivers.ts";
import { isOn, parseWait } from "./fluentd-options.ts";
import { limitsOf } from "./limits.ts";
import { Shipper } from "./shipper.ts";
import { sourceOf } from "./source.ts";
import { optional, parseBytes, parseCount } from "./values.ts";

/** Docker's for mode=non-blocking. */
const DEFAULT_BUFFER = 1024 * 1024;
/** How long a removal waits until the last lines are sent, milliseconds. */
const DRAIN_PATIENCE = 3_000;

/** What goes on with the log of a container beside its being written: limits kept, lines sent. */
export interface LogKeeper {
  /** The container has ended: what is left is sent. */
  ended(): void;
  /** When all is sent; not longer than a removal shall wait. */
  drained(): Promise<void>;
  stop(): Promise<void>;
}

interface Setup {
  readonly kit: Kit;
  readonly container: Container;
  readonly path: string;
  readonly driver: LogDriver;
  readonly options: Labels;
}

function setupOf(kit: Kit, container: Container): Setup | undefined {
  const { LogConfig } = container.record.document.hostConfig;
  const driver = driverOf(LogConfig?.Type ?? "");
  const path = logPath(kit.settings, container.record);
  return driver && path !== undefined
    ? { kit, container, path, driver, options: LogConfig?.Config ?? {} }
    : undefined;
}

const openSink = ({ kit, container, driver, options }: Setup) =>
  driver.open?.(sourceOf(container.record, options, kit.settings.hostname), options, kit.unixDatagrams);

/** The first connection: a place that cannot be reached fails the start, in Docker's words. */
async function firstSink(setup: Setup): Promise<LogSink | undefined> {
  const { options } = setup;
  if (isOn(options, "fluentd-async") || isOn(options, "fluentd-async-connect")) return undefined;
  try {
    return await openSink(setup);
  } catch (error) {
    throw systemError(
      `failed to create task for container: failed to initialize logging driver: ${messageOf(error)}`,
      error,
    );
  }
}

const seconds = (option: string, text: string): number => parseCount(option, text, 0) * 1000;

function shipperOf(setup: Setup, sink: LogSink | undefined, ended: Promise<void>): Shipper | undefined {
  const { kit, container, path, driver, options } = setup;
  if (!driver.open) return undefined;
  return new Shipper(
    {
      follow: (from, signal) => kit.runtime.followLog(path, from, { ended, signal }),
      open: async () => {
        const opened = await openSink(setup);
        if (!opened) throw systemError("this log driver sends nothing");
        return opened;
      },
      behind: (position) => kit.runtime.logBytesAfter(path, position),
      stateFile: join(containerFolder(kit.settings, container.id), "log-sent.json"),
      buffer:
        options["mode"] === "non-blocking"
          ? (optional(options, "max-buffer-size", (name, text) => parseBytes(name, text, 1024)) ??
            DEFAULT_BUFFER)
          : undefined,
      retryWait:
        optional(options, "fluentd-retry-wait", parseWait) ??
        optional(options, "fluentd-async-reconnect-interval", parseWait) ??
        optional(options, "gelf-tcp-reconnect-delay", seconds),
      log: kit.log.child({ id: container.id }),
    },
    sink,
  );
}

function keeperOf(setup: Setup, sink: LogSink | undefined): LogKeeper | undefined {
  const { kit, container, path, options } = setup;
  const { promise, resolve } = Promise.withResolvers<void>();
  const shipper = shipperOf(setup, sink, promise);
  const limits = limitsOf(container.record.document.hostConfig.LogConfig?.Type ?? "", options);
  if (!shipper && !limits) return undefined;
  const loses = options["mode"] === "non-blocking";
  const needed = shipper && !loses ? () => shipper.neededFile : undefined;
  const limiter = limits && kit.runtime.limitLog(container.id, path, needed ? { ...limits, needed } : limits);
  const release = async () => limiter?.[Symbol.asyncDispose]();
  return {
    ended: () => {
      resolve();
      void release();
    },
    drained: async () => {
      resolve();
      if (shipper) await within(shipper.drained, DRAIN_PATIENCE);
    },
    stop: async () => {
      resolve();
      await Promise.all([shipper?.stop(), release()]);
    },
  };
}

/** For a container about to start; throws when its log could not be sent. */
export async function startLog(kit: Kit, container: Container): Promise<void> {
  await stopLog(container);
  const setup = setupOf(kit, container);
  if (setup) container.log = keeperOf(setup, await firstSink(setup));
}

/** For a container that was found: running, or ended with lines that were not sent. */
export function resumeLog(kit: Kit, container: Container, isRunning: boolean): void {
  const setup = setupOf(kit, container);
  if (!setup || (!isRunning && !setup.driver.open)) return;
  container.log = keeperOf(setup, undefined);
  if (!isRunning) container.log?.ended();
}

/** Nothing more is sent or cut; what is not sent yet will be by the next one. */
export async function stopLog(container: Container): Promise<void> {
  const { log } = container;
  container.log = undefined;
  await log?.stop();
}
