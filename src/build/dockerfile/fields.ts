/** Gathers text once as a whole and once as words. */
export class Fields {
  value = "";
  readonly #words: string[] = [];
  #word: string | undefined;

  /** Text in which white space separates words. */
  addSplit(text: string): void {
    this.value += text;
    for (const char of text) {
      if (!/\s/.test(char)) this.#word = (this.#word ?? "") + char;
      else this.#flush();
    }
  }

  /** Quoted text: it stays together, and even when empty it is a word. */
  addWhole(text: string): void {
    this.value += text;
    this.#word = (this.#word ?? "") + text;
  }

  end(): readonly string[] {
    this.#flush();
    return this.#words;
  }

  #flush(): void {
    if (this.#word !== undefined) this.#words.push(this.#word);
    this.#word = undefined;
  }
}
