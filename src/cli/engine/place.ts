import { join } from "node:path";

/** The folder with the launchers `wharf` and `wharfd`, `scripts` and `examples`; packages put their own here. */
export const PLACE = join(import.meta.dirname, "../../..");

/** Program and arguments that run the engine. */
export const ENGINE_COMMAND: readonly [string, ...(readonly string[])] = [join(PLACE, "wharfd")];
