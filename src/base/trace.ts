import { performance } from "node:perf_hooks";

/** One timed step: `at` and `took` in milliseconds, `at` counted from the start of its trace. */
export interface Step {
  readonly name: string;
  readonly at: number;
  readonly took: number;
}

/** Times the steps of one operation, for `WHARF_TRACE=1`. The disabled one costs a function call. */
export interface Trace {
  step<T>(name: string, body: () => T): T;
  end(): void;
}

const noTrace: Trace = { step: (_name, body) => body(), end: () => undefined };

export type TraceSink = (operation: string, subject: string, steps: readonly Step[], total: number) => void;
export type StartTrace = (operation: string, subject: string) => Trace;

/** A trace factory writing to `sink`, or the free one when there is no sink. */
export function createTracer(sink: TraceSink | undefined): StartTrace {
  if (!sink) return () => noTrace;
  return (operation, subject) => {
    const start = performance.now();
    const steps: Step[] = [];
    const record = (name: string, from: number) => {
      const now = performance.now();
      steps.push({ name, at: from - start, took: now - from });
    };
    return {
      step(name, body) {
        const from = performance.now();
        const result = body();
        if (result instanceof Promise) return result.finally(() => record(name, from)) as typeof result;
        record(name, from);
        return result;
      },
      end: () => sink(operation, subject, steps, performance.now() - start),
    };
  };
}

/** A small drawing of a trace: one line a step, a bar where it lies in the whole. */
export function drawTrace(operation: string, subject: string, steps: readonly Step[], total: number): string {
  const width = 40;
  const scale = (ms: number) => Math.round((ms / Math.max(total, 0.001)) * width);
  const lines = steps.map(({ name, at, took }) => {
    const bar = " ".repeat(Math.min(scale(at), width - 1)) + "█".repeat(Math.max(1, scale(took)));
    return `  ${name.padEnd(24)} ${took.toFixed(2).padStart(8)} ms |${bar.slice(0, width).padEnd(width)}|`;
  });
  return [`${operation} ${subject} ${total.toFixed(2)} ms`, ...lines].join("\n");
}
