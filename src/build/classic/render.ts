import { shortId } from "../../base/ids.ts";
import { hexOf } from "../../oci/index.ts";
import type { BuildEvent } from "../execute/index.ts";
import type { BuildLine } from "./request.ts";

type StageEvent = Extract<BuildEvent, { readonly stage: number }>;
type StageDone = Extract<BuildEvent, { readonly type: "stageDone" }>;
type TextEvent = Exclude<StageEvent, { readonly type: "stageDone" | "pull" | "missed" }>;

/** Takes a line; the promise, if any, is settled when the reader has caught up. */
export type Write = (line: BuildLine) => void | Promise<void>;

/** Output of a stage that waits for its turn is kept up to this length, in characters. */
const KEPT_LIMIT = 4 * 1024 * 1024;

/**
 * Turns events into the lines of Docker's classic builder. Stages may run side by side, but are written one after the
 * other in the Dockerfile's order: the first unfinished one live, later ones from what was kept.
 */
export class ClassicRenderer {
  readonly #write: Write;
  #order: readonly number[] = [];
  #total = 0;
  readonly #kept = new Map<number, BuildLine[]>();
  readonly #keptLength = new Map<number, number>();
  readonly #done = new Set<number>();

  readonly #showsRemoval: boolean;

  constructor(write: Write, options: { readonly showsRemoval: boolean }) {
    this.#write = write;
    this.#showsRemoval = options.showsRemoval;
  }

  handle(event: BuildEvent): void | Promise<void> {
    if (event.type === "plan") {
      this.#order = event.stages.map(({ stage }) => stage);
      this.#total = event.stages.reduce((sum, { steps }) => sum + steps, event.globalSteps);
    } else if (event.type === "warning") return this.#write({ stream: `[Warning] ${event.text}\n` });
    else if (event.type === "pull") return this.#put(event.stage ?? this.#current(), event.progress, false);
    else if (event.type === "missed" || event.type === "lint") return;
    else if (event.type === "stageDone") this.#finish(event);
    else if (event.type !== "removed" || this.#showsRemoval)
      return this.#put(event.stage, { stream: this.#textOf(event) }, event.type === "output");
  }

  /** Writes what is still kept, after a failure: the steps before it and its own last lines. */
  flush(): void {
    for (const stage of this.#order) this.#release(stage);
  }

  #textOf(event: TextEvent): string {
    switch (event.type) {
      case "step":
        return `Step ${event.number}/${this.#total} : ${event.title}\n`;
      case "triggers":
        return `# Executing ${event.count} build trigger${event.count === 1 ? "" : "s"}\n`;
      case "cached":
        return " ---> Using cache\n";
      case "running":
        return ` ---> Running in ${shortId(event.container)}\n`;
      case "removed":
        return ` ---> Removed intermediate container ${shortId(event.container)}\n`;
      case "output":
        // Red, as Docker marks it: clients tell the two streams apart by that.
        return event.stream === "stderr" ? `\u001b[91m${event.text}\u001b[0m` : event.text;
      case "image":
        return ` ---> ${event.id ? shortId(hexOf(event.id)) : ""}\n`;
    }
  }

  #put(stage: number | undefined, line: BuildLine, canBeCut: boolean): void | Promise<void> {
    if (stage === undefined || this.#current() === stage) return this.#write(line);
    const length = line.stream?.length ?? 0;
    const before = this.#keptLength.get(stage) ?? 0;
    if (canBeCut && before > KEPT_LIMIT) return;
    this.#keptLength.set(stage, before + length);
    const isLast = canBeCut && before + length > KEPT_LIMIT;
    const kept = this.#kept.get(stage) ?? [];
    kept.push(isLast ? { stream: `${line.stream}\n[output cut: the rest is too long to be kept]\n` } : line);
    this.#kept.set(stage, kept);
  }

  #current(): number | undefined {
    return this.#order.find((stage) => !this.#done.has(stage));
  }

  /** Programs read the ids of all stages' images; the last is the target's, on which every other stage works. */
  #finish({ stage, id }: StageDone): void {
    if (id) this.#put(stage, { aux: { ID: id } }, false);
    this.#done.add(stage);
    for (const next of this.#order) {
      this.#release(next);
      if (!this.#done.has(next)) return;
    }
  }

  #release(stage: number): void {
    for (const line of this.#kept.get(stage) ?? []) this.#write(line);
    this.#kept.delete(stage);
  }
}
