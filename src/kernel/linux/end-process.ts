import { writeSync } from "node:fs";

/**
 * Ends the process at once: the calling thread is in a namespace or directory it cannot leave, and whatever it did next
 * would happen in the wrong place. No clean-up runs, for it would run there too.
 */
export function endProcess(reason: string): never {
  writeSync(2, `wharf: fatal: ${reason}; ending the process\n`);
  process.abort();
}
