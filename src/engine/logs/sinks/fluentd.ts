import { randomUUID } from "node:crypto";
import { systemError } from "../../../base/errors.ts";
import type { LogEntry } from "../../../runtime/index.ts";
import type { Labels } from "../../views.ts";
import type { LogSink, LogSource, OpenSink } from "../driver.ts";
import { fluentdAddress, isOn } from "../fluentd-options.ts";
import { type Packable, pack } from "./message-pack.ts";
import { connectStream } from "./stream.ts";
import { textOf } from "./text.ts";

/** How long an acknowledgement may take, milliseconds. */
const PATIENCE = 30_000;

function nanoseconds(time: string): bigint {
  const fraction = /\.(\d+)/.exec(time)?.[1] ?? "0";
  const whole = BigInt(Date.parse(time.replace(/\.\d+/, ""))) * 1_000_000n;
  return whole + BigInt(fraction.padEnd(9, "0"));
}

/** The record of one line, with the keys of Docker's driver. Pure. */
function record(entry: LogEntry, source: LogSource): Packable {
  return {
    container_id: source.id,
    container_name: `/${source.name}`,
    source: entry.stream,
    log: textOf(entry),
    ...source.attributes,
    ...(entry.partial ? { partial_message: "true" } : {}),
  };
}

/**
 * Entries in Forward mode, all under one tag:
 * https://github.com/fluent/fluentd/wiki/Forward-Protocol-Specification-v1. Pure.
 */
export function forwardMessage(
  entries: readonly LogEntry[],
  source: LogSource,
  options: Labels,
  chunk: string | undefined,
): Buffer {
  const precise = isOn(options, "fluentd-sub-second-precision");
  const time = (text: string): Packable => {
    const exact = nanoseconds(text);
    return precise ? exact : Number(exact / 1_000_000_000n);
  };
  const events = entries.map((entry) => [time(entry.time), record(entry, source)]);
  return pack([source.tag, events, ...(chunk === undefined ? [] : [{ chunk }])]);
}

/** Waits for acknowledgements: `{"ack": chunk}`, in which the chunk's text stands as it is. */
class Acknowledgements {
  #rest = "";
  #wake: (() => void) | undefined;

  take(chunk: Uint8Array): void {
    this.#rest = (this.#rest + Buffer.from(chunk).toString("latin1")).slice(-4096);
    this.#wake?.();
  }

  of(chunk: string): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const timer = setTimeout(() => reject(systemError("fluentd did not acknowledge in time")), PATIENCE);
    timer.unref();
    this.#wake = () => {
      if (!this.#rest.includes(chunk)) return;
      clearTimeout(timer);
      this.#wake = undefined;
      resolve();
    };
    this.#wake();
    return promise;
  }
}

export const openFluentd: OpenSink = async (source, options): Promise<LogSink> => {
  const acknowledgements = isOn(options, "fluentd-request-ack") ? new Acknowledgements() : undefined;
  const wire = await connectStream(fluentdAddress(options), undefined, (chunk) =>
    acknowledgements?.take(chunk),
  );
  return {
    async send(entries) {
      const chunk = acknowledgements && randomUUID();
      await wire.write(forwardMessage(entries, source, options, chunk));
      if (chunk) await acknowledgements.of(chunk);
    },
    close: () => wire.close(),
  };
};
