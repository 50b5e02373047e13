/** Forgotten first when there are more: an attacker with many addresses cannot fill the memory. */
const REMEMBERED = 20_000;

interface Count {
  count: number;
  /** Milliseconds since 1970. */
  until: number;
}

/** Counts failures per key; from `limit` on within `window` milliseconds the key is locked until the window ends. */
export class FailureLimit {
  readonly #limit: number;
  readonly #window: number;
  readonly #counts = new Map<string, Count>();

  constructor(limit: number, window: number) {
    this.#limit = limit;
    this.#window = window;
  }

  /** Milliseconds for which the key is locked; 0: it is not. */
  lockedFor(key: string, now = Date.now()): number {
    const known = this.#counts.get(key);
    return known && known.count >= this.#limit ? Math.max(0, known.until - now) : 0;
  }

  fail(key: string, now = Date.now()): void {
    const known = this.#counts.get(key);
    if (known && known.until > now) {
      known.count++;
      // each further failure starts the wait anew
      known.until = now + this.#window;
      return;
    }
    this.#counts.delete(key);
    this.#counts.set(key, { count: 1, until: now + this.#window });
    const [oldest] = this.#counts.keys();
    if (this.#counts.size > REMEMBERED && oldest !== undefined) this.#counts.delete(oldest);
  }

  forget(key: string): void {
    this.#counts.delete(key);
  }
}

/** A token bucket per key: `rate` a second, twice that at once. A rate of 0 has no limit. */
export class RateLimit {
  readonly #rate: number;
  readonly #buckets = new Map<string, { tokens: number; at: number }>();

  constructor(rate: number) {
    this.#rate = rate;
  }

  /** Takes one; gives the seconds to wait where there is none. */
  take(key: string, now = performance.now()): number {
    if (this.#rate === 0) return 0;
    const burst = this.#rate * 2;
    const known = this.#buckets.get(key) ?? { tokens: burst, at: now };
    const tokens = Math.min(burst, known.tokens + ((now - known.at) / 1000) * this.#rate);
    this.#buckets.delete(key);
    this.#buckets.set(key, { tokens: tokens >= 1 ? tokens - 1 : tokens, at: now });
    const [oldest] = this.#buckets.keys();
    if (this.#buckets.size > REMEMBERED && oldest !== undefined) this.#buckets.delete(oldest);
    return tokens >= 1 ? 0 : Math.max(1, Math.ceil((1 - tokens) / this.#rate));
  }
}
