/** Values that may wait in a channel before its writers are asked to wait. */
const HIGH_WATER = 1024;

/** Values handed from callbacks to one reader who waits for them. */
export class Channel<T> {
  readonly #values: T[] = [];
  #wake: () => void = () => undefined;
  #ended = false;
  #drained: PromiseWithResolvers<void> | undefined;

  /** A promise when the reader is behind: settled when it has caught up, or is gone. */
  push(value: T): Promise<void> | undefined {
    this.#values.push(value);
    this.#wake();
    if (this.#ended || this.#values.length < HIGH_WATER) return undefined;
    this.#drained ??= Promise.withResolvers();
    return this.#drained.promise;
  }

  /** No more values are wanted or will come. */
  end(): void {
    this.#ended = true;
    this.#wake();
    this.#release();
  }

  /** All values up to `end`. */
  async *read(): AsyncGenerator<T> {
    for (;;) {
      const values = this.#values.splice(0);
      yield* values;
      this.#release();
      if (this.#values.length > 0) continue;
      if (this.#ended) return;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  #release(): void {
    this.#drained?.resolve();
    this.#drained = undefined;
  }
}
