interface Waiting<T> {
  readonly added: readonly T[];
  readonly removed: readonly T[];
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

interface Entry<T> {
  readonly item: T;
  uses: number;
}

export interface ChangesOptions<T> {
  readonly key: (item: T) => string;
  /** Makes the change, all or nothing. Removals come before additions. */
  readonly write: (removed: readonly T[], added: readonly T[]) => Promise<void>;
}

/**
 * What is written down in the kernel, item by item, and the changes that wait. While one is written, all that is asked
 * for meanwhile becomes the next one's: many containers that start together cost few processes. An item that several
 * need is written once and goes with the last of them. One that could not be removed is not wanted all the same: who had it
 * is gone, and what it leads to may be another's.
 */
export class Changes<T> {
  readonly #options: ChangesOptions<T>;
  readonly #present = new Map<string, Entry<T>>();
  #waiting: (Waiting<T> | (() => Promise<void>))[] = [];
  #working = false;

  constructor(options: ChangesOptions<T>) {
    this.#options = options;
  }

  /** What has been written and not been removed. */
  get present(): readonly T[] {
    return [...this.#present.values()].map(({ item }) => item);
  }

  apply(removed: readonly T[], added: readonly T[]): Promise<void> {
    if (removed.length === 0 && added.length === 0) return Promise.resolve();
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.#waiting.push({ removed, added, resolve, reject });
    if (!this.#working) void this.#work();
    return promise;
  }

  /** Runs alone: after the changes asked for before, and before those asked for later. */
  alone<R>(body: () => Promise<R>): Promise<R> {
    const { promise, resolve, reject } = Promise.withResolvers<R>();
    this.#waiting.push(() => body().then(resolve, reject));
    if (!this.#working) void this.#work();
    return promise;
  }

  /** From now on these are written down; to be called in `alone`. */
  replace(items: readonly T[]): void {
    this.#present.clear();
    for (const item of items) this.#use(item);
  }

  async #work(): Promise<void> {
    this.#working = true;
    for (;;) {
      const waiting = this.#waiting;
      if (waiting.length === 0) break;
      const first = waiting[0]!;
      if (typeof first === "function") {
        this.#waiting = waiting.slice(1);
        await first();
        continue;
      }
      const end = waiting.findIndex((one) => typeof one === "function");
      this.#waiting = end < 0 ? [] : waiting.slice(end);
      await this.#together((end < 0 ? waiting : waiting.slice(0, end)) as readonly Waiting<T>[]);
    }
    this.#working = false;
  }

  async #together(group: readonly Waiting<T>[]): Promise<void> {
    const before = new Map<string, Entry<T> | undefined>();
    for (const { removed, added } of group) {
      for (const item of [...removed, ...added]) this.#remember(before, item);
      for (const item of removed) this.#drop(item);
      for (const item of added) this.#use(item);
    }
    try {
      await this.#write(before);
      for (const { resolve } of group) resolve();
    } catch (error) {
      for (const [key, entry] of before) {
        if (entry) this.#present.set(key, entry);
        else this.#present.delete(key);
      }
      if (group.length === 1) {
        const [only] = group as [Waiting<T>];
        for (const item of only.removed) this.#drop(item);
        return only.reject(error);
      }
      for (const one of group) await this.#together([one]);
    }
  }

  #write(before: ReadonlyMap<string, Entry<T> | undefined>): Promise<void> {
    const removed: T[] = [];
    const added: T[] = [];
    for (const [key, was] of before) {
      const is = this.#present.get(key);
      if (was && !is) removed.push(was.item);
      if (!was && is) added.push(is.item);
    }
    if (removed.length === 0 && added.length === 0) return Promise.resolve();
    return this.#options.write(removed, added);
  }

  #remember(before: Map<string, Entry<T> | undefined>, item: T): void {
    const key = this.#options.key(item);
    if (before.has(key)) return;
    const entry = this.#present.get(key);
    before.set(key, entry && { ...entry });
  }

  #use(item: T): void {
    const key = this.#options.key(item);
    const entry = this.#present.get(key);
    if (entry) entry.uses++;
    else this.#present.set(key, { item, uses: 1 });
  }

  #drop(item: T): void {
    const key = this.#options.key(item);
    const entry = this.#present.get(key);
    if (entry && --entry.uses === 0) this.#present.delete(key);
  }
}
