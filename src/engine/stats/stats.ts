import { notFound } from "../../base/errors.ts";
import type { Container } from "../containers/container.ts";
import type { Kit } from "../containers/kit.ts";
import { type StatsSample, sampleOf } from "./sample.ts";
import { SHORTEST, StatsTicker } from "./ticker.ts";

export type { StatsSample } from "./sample.ts";

export interface StatsOptions {
  /** Go on until the listener goes or the container is removed; else end after the last needed sample. */
  readonly stream: boolean;
  /** Without `stream`: one sample only, so that there is nothing to compare it with. */
  readonly oneShot: boolean;
}

type Stats = (reference: string, options: StatsOptions, signal: AbortSignal) => AsyncIterable<StatsSample>;

/** Throws notFound at once when there is no such container. */
export function statsOf(kit: Kit): Stats {
  const ticker = new StatsTicker(
    (container) => sampleOf(kit, container),
    ({ id }, error) => kit.log.warn("could not read what a container uses", { id, error }),
  );
  return (reference, { stream, oneShot }, signal) => {
    const container = kit.table.resolve(reference);
    const first = sampleOf(kit, container);
    if (!first) throw notFound(`No such container: ${reference}`);
    const most = stream ? Number.POSITIVE_INFINITY : oneShot || !first.usage ? 1 : 2;
    return samples(ticker, container, first, most, signal);
  };
}

async function* samples(
  ticker: StatsTicker,
  container: Container,
  first: StatsSample,
  most: number,
  signal: AbortSignal,
): AsyncGenerator<StatsSample> {
  yield first;
  if (most === 1) return;
  const begun = performance.now();
  // Only the latest sample waits for a slow reader.
  let latest: StatsSample | undefined;
  let isOver = signal.aborted;
  let wake: () => void = () => undefined;
  const end = () => {
    isOver = true;
    wake();
  };
  const leave = ticker.listen(container, (sample) => {
    if (performance.now() - begun < SHORTEST) return;
    latest = sample;
    if (sample) wake();
    else end();
  });
  signal.addEventListener("abort", end, { once: true });
  try {
    for (let count = 1; count < most; count++) {
      if (!latest && !isOver) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
      const sample = latest;
      latest = undefined;
      if (!sample || isOver) return;
      yield sample;
    }
  } finally {
    leave();
    signal.removeEventListener("abort", end);
  }
}
