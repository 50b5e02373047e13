import { readFileSync } from "node:fs";

/** The soft limit of this process, raised to the hard one by Node at its start. */
export function openFilesLimit(): number {
  const [, soft = ""] = /^Max open files\s+(\S+)/m.exec(readFileSync("/proc/self/limits", "utf8")) ?? [];
  return soft === "unlimited" ? Number.POSITIVE_INFINITY : Number(soft);
}

/**
 * Descriptors that connections passed on by the engine may take, of all ports together. Whoever reaches a published port
 * can open as many as he likes, and the engine needs some for everybody else.
 */
export class RelayBudget {
  #left: number;

  constructor(descriptors: number) {
    this.#left = descriptors;
  }

  /** False, and nothing taken, when there are not so many left. */
  take(descriptors: number): boolean {
    if (descriptors > this.#left) return false;
    this.#left -= descriptors;
    return true;
  }

  giveBack(descriptors: number): void {
    this.#left += descriptors;
  }
}
