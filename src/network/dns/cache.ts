export interface CachedAnswer {
  readonly answer: Uint8Array;
  readonly ttls: readonly number[];
  /** performance.now() when it came, milliseconds. */
  readonly since: number;
  /** Seconds from then. */
  readonly lifetime: number;
}

/** Other servers' answers while they are good; the ones nobody asked for longest make room. Bounded in number and bytes. */
export class AnswerCache {
  readonly #entries = new Map<string, CachedAnswer>();
  readonly #most: number;
  readonly #mostBytes: number;
  #bytes = 0;

  constructor(most = 4096, mostBytes = 2 * 1024 * 1024) {
    this.#most = most;
    this.#mostBytes = mostBytes;
  }

  get size(): number {
    return this.#entries.size;
  }

  get(key: string, now: number): CachedAnswer | undefined {
    const found = this.#entries.get(key);
    if (!found) return undefined;
    this.#drop(key, found);
    if (now - found.since >= found.lifetime * 1000) return undefined;
    this.#insert(key, found);
    return found;
  }

  set(key: string, entry: CachedAnswer): void {
    const before = this.#entries.get(key);
    if (before) this.#drop(key, before);
    if (entry.lifetime <= 0 || cost(key, entry) > this.#mostBytes) return;
    this.#insert(key, entry);
    for (const [oldest, its] of this.#entries) {
      if (this.#entries.size <= this.#most && this.#bytes <= this.#mostBytes) break;
      this.#drop(oldest, its);
    }
  }

  #insert(key: string, entry: CachedAnswer): void {
    this.#entries.set(key, entry);
    this.#bytes += cost(key, entry);
  }

  #drop(key: string, entry: CachedAnswer): void {
    this.#entries.delete(key);
    this.#bytes -= cost(key, entry);
  }
}

const cost = (key: string, { answer, ttls }: CachedAnswer): number =>
  key.length + answer.length + ttls.length * 8;
