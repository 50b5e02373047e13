import { shortId } from "../../base/ids.ts";
import { hexOf } from "../../oci/index.ts";
import type { BuildEvent } from "../execute/index.ts";
import type { BuildLine } from "./request.ts";

type StageEvent = Extract<BuildEvent, { readonly stage: number }>;

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

  constructor(write: Write) {
    this.#write = write;
  }

  handle(event: BuildEvent): void | Promise<void> {
    if (event.type === "plan") {
      this.#order = event.stages.map(({ stage }) => stage);
      this.#total = event.stages.reduce((sum, { steps }) => sum + steps, event.globalSteps);
    } else if (event.type === "warning") return this.#write({ stream: `[Warning] ${event.text}\n` });
    else if (event.type === "stageDone") this.#finish(event.stage);
    else return this.#put(event.stage, this.#textOf(event), event.type === "output");
  }

  /** Writes what is still kept, after a failure: the steps before it and its own last lines. */
  flush(): void {
    for (const stage of this.#order) this.#release(stage);
  }

  #textOf(event: Exclude<StageEvent, { readonly type: "stageDone" }>): string {
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
        return `Removing intermediate container ${shortId(event.container)}\n`;
      case "output":
        return event.text;
      case "image":
        return ` ---> ${shortId(hexOf(event.id))}\n`;
    }
  }

  #put(stage: number, stream: string, canBeCut: boolean): void | Promise<void> {
    if (this.#current() === stage) return this.#write({ stream });
    const before = this.#keptLength.get(stage) ?? 0;
    if (canBeCut && before > KEPT_LIMIT) return;
    this.#keptLength.set(stage, before + stream.length);
    const isLast = canBeCut && before + stream.length > KEPT_LIMIT;
    const kept = this.#kept.get(stage) ?? [];
    kept.push({ stream: isLast ? `${stream}\n[output cut: the rest is too long to be kept]\n` : stream });
    this.#kept.set(stage, kept);
  }

  #current(): number | undefined {
    return this.#order.find((stage) => !this.#done.has(stage));
  }

  #finish(stage: number): void {
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
