import { closeSync, constants, existsSync, openSync, rmSync, unlinkSync, writeSync } from "node:fs";
import { join } from "node:path";
import { errnoOf, systemError } from "../../base/errors.ts";
import type { RuntimeChoice } from "../runtime.ts";
import { genericRuntime } from "./generic.ts";
import type { OciRuntime } from "./oci-runtime.ts";
import { SeccompCache } from "./seccomp-cache.ts";

type Environment = Readonly<Record<string, string>>;

/**
 * crun, with `start` and `delete` done in-process. `crun start` is one byte into the fifo at which the created process
 * waits, and the removal of that fifo (which is how crun tells created from running); `crun delete` of an ended
 * container removes its state folder and its cgroups, and the latter the caller does for every runtime anyway. That
 * spares two processes in the life of each container. Hooks, which these commands would run too, we never write.
 */
export function crunRuntime(
  choice: RuntimeChoice,
  stateFolder: string,
  environment: Environment,
): OciRuntime {
  const generic = genericRuntime(choice, stateFolder, environment);
  const filters = new SeccompCache();
  return {
    ...generic,
    prepare: (spec) => filters.apply(spec),
    created: (id, spec) => filters.learn(spec, join(stateFolder, id)),
    start: async (id) => openGate(join(stateFolder, id, "exec.fifo")),
    waits: async (id) => existsSync(join(stateFolder, id, "exec.fifo")),
    discard: async (id) => rmSync(join(stateFolder, id), { recursive: true, force: true }),
  };
}

function openGate(fifo: string): void {
  let fd: number;
  try {
    // Without O_NONBLOCK the open would wait for ever if the process that reads has been killed.
    fd = openSync(fifo, constants.O_WRONLY | constants.O_NONBLOCK);
  } catch (error) {
    const ended = errnoOf(error) === "ENXIO" || errnoOf(error) === "ENOENT";
    throw systemError(
      ended ? "cannot start a stopped process: the container's first process has ended" : "cannot start",
      error,
    );
  }
  try {
    unlinkSync(fifo);
    writeSync(fd, "0");
  } finally {
    closeSync(fd);
  }
}
