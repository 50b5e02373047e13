/**
 * Lets one caller at a time go on in each turn of the event loop. What a sandbox takes is short, but two hundred of them
 * asked for at once must not keep clients from being answered; a single one does not wait at all.
 */
export class Turns {
  #taken = false;
  readonly #waiting: (() => void)[] = [];

  /** Resolves at once for the first of a turn. */
  next(): Promise<void> {
    if (this.#taken) return new Promise((resolve) => this.#waiting.push(resolve));
    this.#take();
    return Promise.resolve();
  }

  #take(): void {
    this.#taken = true;
    setImmediate(() => {
      this.#taken = false;
      const next = this.#waiting.shift();
      if (!next) return;
      this.#take();
      next();
    });
  }
}
