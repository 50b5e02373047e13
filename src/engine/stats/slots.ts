/**
 * A period cut into slots: what is to be done once a period is spread over it, so that it never comes all at once. Slots
 * are counted without end from the clock's zero; number n belongs to place n modulo the slots of a period.
 */
export class Slots<T> {
  readonly #places: readonly Set<T>[];
  readonly #placeOf = new Map<T, number>();

  constructor(count: number) {
    this.#places = Array.from({ length: count }, () => new Set<T>());
  }

  get size(): number {
    return this.#placeOf.size;
  }

  /** Puts it where least is to be done: into the first such slot from `soonest` on. */
  add(item: T, soonest: number): void {
    if (this.#placeOf.has(item)) return;
    const places = this.#places;
    const inTurn = places.map((_, step) => (soonest + step) % places.length);
    const load = (place: number) => places[place]?.size ?? 0;
    const place = inTurn.reduce((best, next) => (load(next) < load(best) ? next : best));
    places[place]?.add(item);
    this.#placeOf.set(item, place);
  }

  delete(item: T): void {
    const place = this.#placeOf.get(item);
    if (place === undefined) return;
    this.#placeOf.delete(item);
    this.#places[place]?.delete(item);
  }

  /** What belongs to slot number `slot`. */
  at(slot: number): ReadonlySet<T> {
    return this.#places[slot % this.#places.length] ?? new Set();
  }

  /** The number of the first slot after `slot` with something in it; undefined when all are empty. */
  nextAfter(slot: number): number | undefined {
    for (let step = 1; step <= this.#places.length; step++)
      if (this.at(slot + step).size > 0) return slot + step;
    return undefined;
  }
}
