import type { Exit } from "../../runtime/index.ts";

/**
 * Holds back the exits the runtime tells of while recovery is still looking (handling them then would tear down and
 * restart beside a plan that is being made), and after the engine has closed: those are for the next start to find.
 */
export class ExitGate {
  readonly #handle: (id: string, exit: Exit) => void;
  #held: (readonly [id: string, exit: Exit])[] | undefined = [];

  constructor(handle: (id: string, exit: Exit) => void) {
    this.#handle = handle;
  }

  pass(id: string, exit: Exit): void {
    if (this.#held) this.#held.push([id, exit]);
    else this.#handle(id, exit);
  }

  /** What was held back comes first. */
  open(): void {
    const held = this.#held ?? [];
    this.#held = undefined;
    for (const [id, exit] of held) this.#handle(id, exit);
  }

  close(): void {
    this.#held = [];
  }
}
