import {
  closeSync,
  constants,
  existsSync,
  openSync,
  rmSync,
  unlinkSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { basename, join } from "node:path";
import { errnoOf, systemError } from "../../base/errors.ts";
import type { Children } from "../../kernel/index.ts";
import type { RuntimeChoice } from "../runtime.ts";
import { genericRuntime } from "./generic.ts";
import type { OciRuntime } from "./oci-runtime.ts";
import { SeccompCache } from "./seccomp-cache.ts";

type Environment = Readonly<Record<string, string>>;

export interface CrunOptions {
  /** The word of its command that is crun itself. */
  readonly program: string | undefined;
  readonly children: Pick<Children, "sealedCopy">;
}

/**
 * crun, with `start` and `delete` done in-process. `crun start` is one byte into the fifo at which the created process
 * waits, and the removal of that fifo (which is how crun tells created from running); `crun delete` of an ended
 * container removes its state folder and its cgroups, and the latter the caller does for every runtime anyway. That
 * spares two processes in the life of each container. Where there are hooks that these commands would run, they are run.
 *
 * It is run from a sealed copy in memory. So that no container can overwrite the host's program (CVE-2019-5736), crun
 * makes such a copy of itself whenever it is not one, and starts again from there: a quarter of the time of an exec. A
 * program of another name chooses by that name what it does, so it is left alone.
 */
export function crunRuntime(
  choice: RuntimeChoice,
  stateFolder: string,
  environment: Environment,
  { program, children }: CrunOptions,
): OciRuntime {
  const generic = genericRuntime(choice, stateFolder, environment);
  const hooked = genericRuntime(withoutSigpipe(choice), stateFolder, environment);
  const filters = new SeccompCache();
  let sealed: string | undefined;
  const fromCopy = (words: readonly string[]) => {
    sealed ??= (program && basename(program) === "crun" && children.sealedCopy(program)) || "";
    return sealed === "" ? words : words.map((word) => (word === program ? (sealed ?? word) : word));
  };
  return {
    ...generic,
    get command() {
      return fromCopy(generic.command);
    },
    createCommand: (spec) => fromCopy(spec.hooks ? hooked.command : generic.command),
    get execCommand() {
      return fromCopy(generic.execCommand);
    },
    direct() {
      const [file = "", ...args] = fromCopy(generic.execCommand);
      return { file, args };
    },
    prepare: (spec) => filters.apply(spec),
    created: (id, spec) => {
      filters.learn(spec, join(stateFolder, id));
      if (spec.hooks?.["poststart"] || spec.hooks?.["poststop"]) writeFileSync(hookMark(stateFolder, id), "");
    },
    start: async (id) =>
      existsSync(hookMark(stateFolder, id)) ? hooked.start(id) : openGate(join(stateFolder, id, "exec.fifo")),
    waits: async (id) => existsSync(join(stateFolder, id, "exec.fifo")),
    discard: async (id) => {
      if (existsSync(hookMark(stateFolder, id))) await hooked.discard(id);
      rmSync(join(stateFolder, id), { recursive: true, force: true });
    },
  };
}

/**
 * Hooks are given the container's state as input, and one that ends without reading it ends crun, too, unless SIGPIPE is
 * ignored. (In containers it is not: crun gives their first process every signal's default back.)
 */
const withoutSigpipe = (choice: RuntimeChoice): RuntimeChoice => ({
  ...choice,
  command: ["/bin/sh", "-c", 'trap "" PIPE; exec "$0" "$@"', ...choice.command],
});

/** Of a container with hooks after its start or end. In a file, because another engine may end what this one started. */
const hookMark = (stateFolder: string, id: string): string => join(stateFolder, id, "wharf-hooks");

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
