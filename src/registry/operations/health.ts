import type { Exchange } from "../http/exchange.ts";
import type { Route } from "../http/router.ts";
import type { Metrics } from "../metrics/metrics.ts";

export interface HealthServices {
  readonly metrics: Metrics;
  /** What keeps the registry from serving; empty: nothing. */
  readonly faults: () => Promise<readonly string[]>;
}

/** For those who watch over the registry. */
export function healthRoutes({ metrics, faults }: HealthServices): readonly Route[] {
  const alive = (exchange: Exchange) => exchange.json(200, { status: "ok" });
  const ready = async (exchange: Exchange) => {
    const found = await faults();
    exchange.json(found.length === 0 ? 200 : 503, {
      status: found.length === 0 ? "ok" : "unavailable",
      faults: found,
    });
  };
  const render = (exchange: Exchange) =>
    exchange.send(200, metrics.render(), { "Content-Type": "text/plain; version=0.0.4; charset=utf-8" });
  return [
    { method: "GET", path: "/healthz", access: { on: "nothing" }, handle: alive },
    { method: "GET", path: "/readyz", access: { on: "nothing" }, handle: ready },
    { method: "GET", path: "/metrics", access: { on: "nothing" }, handle: render },
  ];
}
