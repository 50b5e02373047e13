import { existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { conflict, errnoOf } from "../../base/errors.ts";
import { type Bundle, bundleAt } from "../monitor/layout.ts";
import type { Container } from "../monitor/supervisor.ts";
import type { RuntimeDeps } from "./deps.ts";

/** An empty bundle. Throws a conflict in these words when there is one already. */
export function makeBundle({ supervisor }: RuntimeDeps, folder: string, taken: string): Bundle {
  const make = () => mkdirSync(folder, { mode: 0o711 });
  try {
    make();
  } catch (error) {
    if (errnoOf(error) === "EEXIST") throw conflict(taken, error);
    if (errnoOf(error) !== "ENOENT") throw error;
    supervisor.restoreFolders();
    make();
  }
  return bundleAt(folder);
}

/** What to say of a runtime's failure: when somebody deleted what it keeps of the container, that is why. */
export function failureFor({ layout }: RuntimeDeps, { id, runtime }: Container, error: unknown): unknown {
  const state = join(layout.states, runtime.choice.name, id);
  if (existsSync(state)) return error;
  return conflict(
    `the OCI runtime's state of container ${id} was deleted (${state}): the container runs on and can be stopped, but for this it has to be restarted`,
    error,
  );
}
