import { ExitError, UsageError } from "../command/failure.ts";
import { remedyFor } from "../command/remedy.ts";
import { describeFailure } from "../command/show-failure.ts";

const ENGINE_FAILED = 125;
const CANNOT_INVOKE = 126;
const NOT_FOUND = 127;

/** What a shell would have ended with had it been asked to run the program. */
function codeOf(message: string): number {
  if (
    /executable file not found|no such file or directory|system cannot find the file specified/.test(message)
  )
    return NOT_FOUND;
  return /permission denied|is a directory/.test(message) ? CANNOT_INVOKE : ENGINE_FAILED;
}

/** A container that could not be made or started, as `run` says it. `asked`: the engine was, and what came decides the code. */
export function runFailure(error: unknown, verb: "run" | "create", asked = false): unknown {
  if (error instanceof ExitError || error instanceof UsageError) return error;
  const message = describeFailure(error);
  const remedy = remedyFor(error);
  const hint = remedy === undefined ? "" : `\n(${remedy})`;
  const text = `wharf: ${message}${hint}\n\nRun 'wharf ${verb} --help' for more information`;
  return new ExitError(asked ? codeOf(message) : ENGINE_FAILED, text);
}
