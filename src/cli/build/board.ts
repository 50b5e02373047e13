import type { LintWarning, OwnBuildLine } from "../../api/schema/own/build.ts";

/** One step as people see it. Times are milliseconds since the build began. */
export interface BoardStep {
  readonly number: number;
  readonly stage: number;
  /** "[build 2/5] RUN make" */
  readonly title: string;
  readonly start: number;
  end?: number;
  isCached: boolean;
  hasFailed: boolean;
  reasons: readonly string[];
  /** Whole lines, the last LOG_LINES of them, each with its time. */
  readonly log: { readonly time: number; readonly text: string }[];
  /** The beginning of a line whose end has not come. */
  rest: string;
  /** What a pull is doing, by layer. */
  readonly pulls: Map<string, string>;
}

/** Lines of output kept of a step: enough to see why it failed. */
const LOG_LINES = 200;

/** Follows a build's events; a pure record of them, drawn by others. */
export class Board {
  readonly steps: BoardStep[] = [];
  readonly warnings: string[] = [];
  lint: readonly LintWarning[] = [];
  total = 0;
  time = 0;
  result: Extract<OwnBuildLine, { readonly type: "result" }> | undefined;
  readonly #current = new Map<number, BoardStep>();
  readonly #names = new Map<number, string>();
  readonly #sizes = new Map<number, number>();
  readonly #seen = new Map<number, number>();

  apply(line: OwnBuildLine): void {
    this.time = line.time;
    switch (line.type) {
      case "plan":
        this.total = line.stages.reduce((sum, { steps }) => sum + steps, line.globalSteps);
        for (const { stage, name, steps } of line.stages) {
          this.#names.set(stage, name ?? (line.stages.length > 1 ? `stage-${stage}` : ""));
          this.#sizes.set(stage, steps);
        }
        break;
      case "step":
        this.#begin(line);
        break;
      case "warning":
        this.warnings.push(line.text);
        break;
      case "lint":
        this.lint = line.warnings;
        break;
      case "result":
        this.result = line;
        break;
      default:
        if ("stage" in line && line.stage !== undefined) this.#within(line.stage, line);
    }
  }

  /** The build has failed: what was under way is where. */
  fail(): void {
    for (const step of this.#current.values()) {
      if (step.end !== undefined) continue;
      step.hasFailed = true;
      this.#close(step);
    }
  }

  get running(): readonly BoardStep[] {
    return this.steps.filter(({ end }) => end === undefined);
  }

  #begin({ stage, number, title, time }: Extract<OwnBuildLine, { readonly type: "step" }>): void {
    const before = this.#current.get(stage);
    if (before) this.#close(before);
    const isGlobal = title.startsWith("ARG") && !this.#seen.has(stage);
    const index = isGlobal ? 0 : (this.#seen.get(stage) ?? 0) + 1;
    if (!isGlobal) this.#seen.set(stage, index);
    const place = [this.#names.get(stage), `${index}/${this.#sizes.get(stage) ?? index}`]
      .filter(Boolean)
      .join(" ");
    const step: BoardStep = {
      number,
      stage,
      title: isGlobal ? title : `[${place}] ${title.split("\n", 1)[0]}`,
      start: time,
      isCached: false,
      hasFailed: false,
      reasons: [],
      log: [],
      rest: "",
      pulls: new Map(),
    };
    this.steps.push(step);
    this.#current.set(stage, step);
  }

  #within(stage: number, line: OwnBuildLine): void {
    const step = this.#current.get(stage);
    if (!step) return;
    if (line.type === "cached") step.isCached = true;
    else if (line.type === "missed") step.reasons = line.reasons;
    else if (line.type === "output") this.#write(step, line.text);
    else if (line.type === "image" || line.type === "stageDone") this.#close(step);
    else if (line.type === "pull" && line.progress.id) {
      const { id, status, progressDetail: { current, total } = {} } = line.progress;
      const percent = current && total ? ` ${Math.floor((100 * current) / total)}%` : "";
      step.pulls.set(id, `${id}: ${status ?? ""}${percent}`);
    }
  }

  #write(step: BoardStep, text: string): void {
    const lines = (step.rest + text).split("\n");
    step.rest = lines.pop() ?? "";
    for (const line of lines)
      step.log.push({ time: this.time, text: line.replace(/^.*\r(?=.)/, "").replace(/\r$/, "") });
    step.log.splice(0, step.log.length - LOG_LINES);
  }

  #close(step: BoardStep): void {
    if (step.rest !== "") this.#write(step, "\n");
    step.end ??= this.time;
  }
}

export const seconds = (milliseconds: number): string => `${(milliseconds / 1000).toFixed(1)}s`;

/** "7 of 9 steps cached, 3.2s" */
export function totals({ steps, time }: Board): string {
  const cached = steps.filter(({ isCached }) => isCached).length;
  return `${steps.length} step${steps.length === 1 ? "" : "s"}, ${cached} cached, ${seconds(time)}`;
}
