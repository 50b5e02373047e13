import { monitorEventLoopDelay } from "node:perf_hooks";

type Labels = Readonly<Record<string, string>>;

const escaped = (text: string): string =>
  text.replace(/\\/g, "\\\\").replace(/"/g, '\\"').replace(/\n/g, "\\n");
const labelText = (labels: Labels): string => {
  const entries = Object.entries(labels).map(([name, value]) => `${name}="${escaped(value)}"`);
  return entries.length > 0 ? `{${entries.join(",")}}` : "";
};

/** A value that only grows, per set of labels. */
export class Counter {
  readonly name: string;
  readonly help: string;
  readonly #values = new Map<string, number>();

  constructor(name: string, help: string) {
    this.name = name;
    this.help = help;
  }

  add(labels: Labels = {}, by = 1): void {
    const key = labelText(labels);
    this.#values.set(key, (this.#values.get(key) ?? 0) + by);
  }

  render(): string {
    const lines = [...this.#values].map(([labels, value]) => `${this.name}${labels} ${value}`);
    return [`# HELP ${this.name} ${this.help}`, `# TYPE ${this.name} counter`, ...lines].join("\n");
  }
}

const BUCKETS = [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 30, 120];

/** Durations in seconds, per set of labels. */
export class Histogram {
  readonly name: string;
  readonly help: string;
  readonly #series = new Map<
    string,
    { readonly labels: Labels; readonly counts: number[]; sum: number; count: number }
  >();

  constructor(name: string, help: string) {
    this.name = name;
    this.help = help;
  }

  observe(labels: Labels, seconds: number): void {
    const key = labelText(labels);
    let series = this.#series.get(key);
    if (!series) {
      series = { labels, counts: BUCKETS.map(() => 0), sum: 0, count: 0 };
      this.#series.set(key, series);
    }
    for (const [at, limit] of BUCKETS.entries()) if (seconds <= limit) series.counts[at]!++;
    series.sum += seconds;
    series.count++;
  }

  render(): string {
    const lines = [...this.#series.values()].flatMap(({ labels, counts, sum, count }) => [
      ...BUCKETS.map(
        (limit, at) => `${this.name}_bucket${labelText({ ...labels, le: String(limit) })} ${counts[at]}`,
      ),
      `${this.name}_bucket${labelText({ ...labels, le: "+Inf" })} ${count}`,
      `${this.name}_sum${labelText(labels)} ${sum}`,
      `${this.name}_count${labelText(labels)} ${count}`,
    ]);
    return [`# HELP ${this.name} ${this.help}`, `# TYPE ${this.name} histogram`, ...lines].join("\n");
  }
}

/** Values that are looked up when somebody asks: name, help, value. */
export type Gauges = () => readonly (readonly [name: string, help: string, value: number])[];

/** What Prometheus reads at /metrics (text format 0.0.4). */
export class Metrics {
  readonly requests = new Counter("wharf_registry_requests_total", "Requests by method, route and status.");
  readonly durations = new Histogram("wharf_registry_request_seconds", "Time to answer a request, by route.");
  readonly received = new Counter("wharf_registry_received_bytes_total", "Bytes received from clients.");
  readonly sent = new Counter("wharf_registry_sent_bytes_total", "Bytes sent to clients.");
  readonly failedSignIns = new Counter(
    "wharf_registry_failed_sign_ins_total",
    "Credentials that were wrong.",
  );
  readonly #gauges: Gauges;
  readonly #delay = monitorEventLoopDelay({ resolution: 20 });

  constructor(gauges: Gauges) {
    this.#gauges = gauges;
    this.#delay.enable();
  }

  render(): string {
    const gauges = [
      ...this.#gauges(),
      ["process_resident_memory_bytes", "Resident memory.", process.memoryUsage.rss()] as const,
      [
        "process_start_time_seconds",
        "Start of the process since 1970.",
        performance.timeOrigin / 1000,
      ] as const,
      [
        "wharf_registry_event_loop_delay_seconds",
        "99th percentile of the event loop's delay.",
        this.#delay.percentile(99) / 1e9,
      ] as const,
    ].map(([name, help, value]) => `# HELP ${name} ${help}\n# TYPE ${name} gauge\n${name} ${value}`);
    const counted = [this.requests, this.durations, this.received, this.sent, this.failedSignIns];
    return `${[...counted.map((one) => one.render()), ...gauges].join("\n")}\n`;
  }

  [Symbol.dispose](): void {
    this.#delay.disable();
  }
}
