import { newId } from "../../base/ids.ts";
import type { Container } from "../containers/container.ts";
import type { Kit } from "../containers/kit.ts";
import { publish } from "../containers/publish.ts";
import { type Health, nextHealth, START } from "./judge.ts";
import { type HealthPlan, planHealth } from "./plan.ts";
import { type Probe, probe } from "./probe.ts";

/** Starts the probes of a container that has a health check; they end when it does. */
export function startHealth(kit: Kit, container: Container): void {
  const plan = planHealth(container.record.document.config.Healthcheck);
  if (plan) container.health = new HealthMonitor(kit, container, plan);
}

/** Probes one after the other: the next is planned when the last has ended. */
class HealthMonitor {
  readonly #kit: Kit;
  readonly #container: Container;
  readonly #plan: HealthPlan;
  readonly #startedAt = Date.now();
  readonly #stopping = new AbortController();
  #health: Health = START;
  #timer: NodeJS.Timeout | undefined;

  constructor(kit: Kit, container: Container, plan: HealthPlan) {
    this.#kit = kit;
    this.#container = container;
    this.#plan = plan;
    this.#schedule();
  }

  view(): Health {
    return this.#health;
  }

  /** One that is not watched is not healthy: so Docker shows it until its next start. */
  stop(): void {
    this.#stopping.abort();
    clearTimeout(this.#timer);
    this.#health = { ...this.#health, status: "unhealthy" };
  }

  get #inStartPeriod(): boolean {
    return Date.now() - this.#startedAt < this.#plan.startPeriod;
  }

  #schedule(): void {
    if (this.#stopping.signal.aborted) return;
    const { interval, startInterval } = this.#plan;
    const quick = this.#inStartPeriod && this.#health.status === "starting";
    this.#timer = setTimeout(() => void this.#probe(), quick ? Math.min(startInterval, interval) : interval);
    this.#timer.unref();
  }

  async #probe(): Promise<void> {
    if (this.#container.state.status === "running") {
      const result = await this.#run();
      if (this.#stopping.signal.aborted) return;
      this.#judge(result);
    }
    this.#schedule();
  }

  /** A probe that cannot even be started counts as a failed one. */
  async #run(): Promise<Probe> {
    const start = new Date().toISOString();
    try {
      return await probe(this.#kit, this.#container, this.#plan, newId(), this.#stopping.signal);
    } catch (error) {
      const output = error instanceof Error ? error.message : String(error);
      return { start, end: new Date().toISOString(), exitCode: -1, output };
    }
  }

  #judge(result: Probe): void {
    const before = this.#health.status;
    this.#health = nextHealth(this.#health, result, this.#plan.retries, this.#inStartPeriod);
    const { status } = this.#health;
    if (status !== before) publish(this.#kit, this.#container, `health_status: ${status}`);
  }
}
