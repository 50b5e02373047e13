import { ApiError } from "../../api/client/index.ts";
import { EngineError, errnoOf, firstFailure, messageOf } from "../../base/errors.ts";
import { paint, type Screen } from "../tty/style.ts";
import { ArgumentsError, ExitError, UsageError } from "./failure.ts";
import { remedyFor } from "./remedy.ts";

const FLAG_ERROR = 125;

/** What happened, in docker's words: what the engine said is told from what this command says. */
export function describeFailure(error: unknown): string {
  const first = firstFailure(error);
  if (first instanceof ApiError) return `Error response from daemon: ${first.message}`;
  if (first instanceof EngineError && first.kind === "unavailable") {
    const code = errnoOf(first.cause);
    const place = / at (\S+?)(?::? is wharfd running\?| failed:)/.exec(first.message)?.[1];
    if (place !== undefined && (code === "ENOENT" || code === "ECONNREFUSED"))
      return `Cannot connect to the Docker daemon at ${place.replace(/:$/, "")}. Is the docker daemon running?`;
  }
  return messageOf(error);
}

/** Says why a command ended and gives its exit code. Stacks are for WHARF_DEBUG=1. */
export function showFailure(
  error: unknown,
  err: Screen,
  env: NodeJS.ProcessEnv,
  path: string,
  usage: string,
): number {
  const code = write(error, err, path, usage);
  if (env["WHARF_DEBUG"] && !(error instanceof ExitError && error.message === ""))
    err.write(`${stackOf(firstFailure(error))}\n`);
  return code;
}

function write(error: unknown, err: Screen, path: string, usage: string): number {
  if (error instanceof UsageError) {
    const meant = error.meant === undefined ? "" : `\nDid you mean ${error.meant}?`;
    err.write(`${error.message}${meant}\n\n${usage}\n\nRun '${path} --help' for more information\n`);
    return FLAG_ERROR;
  }
  if (error instanceof ArgumentsError) {
    const { message, hint } = error;
    err.write(`wharf: ${message}\n\n${usage}\n\n${hint} '${path} --help' for more information\n`);
    return 1;
  }
  if (error instanceof ExitError) {
    if (error.message) err.write(`${error.message}\n`);
    return error.code;
  }
  err.write(`${describeFailure(error)}\n`);
  const remedy = remedyFor(error);
  if (remedy !== undefined) err.write(`${paint(err, "dim", `(${remedy})`)}\n`);
  return 1;
}

const stackOf = (error: unknown): string =>
  error instanceof Error
    ? `${error.stack}${error.cause ? `\ncaused by ${stackOf(error.cause)}` : ""}`
    : String(error);

export function unknownCommand(
  path: string,
  word: string,
  meant: readonly string[],
  withUsage: boolean,
): string {
  const hint = meant.length === 0 ? "" : `\nDid you mean ${meant.map((one) => `'${one}'`).join(" or ")}?\n`;
  const usage = withUsage ? `\nUsage:  ${path}\n` : "";
  return `wharf: unknown command: ${path} ${word}\n${hint}${usage}\nRun '${path} --help' for more information`;
}
