/** Values handed from callbacks to one reader who waits for them. */
export class Channel<T> {
  readonly #values: T[] = [];
  #wake: () => void = () => undefined;
  #ended = false;

  push(value: T): void {
    this.#values.push(value);
    this.#wake();
  }

  end(): void {
    this.#ended = true;
    this.#wake();
  }

  /** All values up to `end`. */
  async *read(): AsyncGenerator<T> {
    for (;;) {
      yield* this.#values.splice(0);
      if (this.#values.length > 0) continue;
      if (this.#ended) return;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }
}
