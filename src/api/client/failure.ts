import { EngineError, type ErrorKind, errnoOf } from "../../base/errors.ts";
import type { ClientTarget } from "./client.ts";

const KINDS: Readonly<Record<number, ErrorKind>> = {
  304: "notModified",
  400: "invalidParameter",
  401: "unauthorized",
  403: "forbidden",
  404: "notFound",
  409: "conflict",
  501: "notImplemented",
  503: "unavailable",
};

/** What the engine answered instead of a result. */
export class ApiError extends EngineError {
  readonly status: number;

  constructor(status: number, message: string) {
    super(KINDS[status] ?? "system", message);
    this.name = "ApiError";
    this.status = status;
  }
}

function messageIn(text: string): string {
  try {
    const { message } = JSON.parse(text) as { readonly message?: unknown };
    if (typeof message === "string") return message;
  } catch {
    // Not JSON: some proxy's words, shown as they are.
  }
  return text.trim();
}

/** What an answer of that status with that body says. */
export const errorFrom = (status: number, text: string): ApiError =>
  new ApiError(status, messageIn(text) || `the engine answered ${status}`);

function place(target: ClientTarget): string {
  if ("socketPath" in target) return `unix://${target.socketPath}`;
  return "name" in target ? target.name : `tcp://${target.host}:${target.port}`;
}

/** Nothing listens there. */
export const isUnanswered = (error: unknown): boolean =>
  ["ENOENT", "ECONNREFUSED"].includes(errnoOf(error) ?? "");

/** A failure to reach the engine, in words that say what to do. */
export function connectionError(error: Error, target: ClientTarget): EngineError {
  const code = errnoOf(error);
  if (code === "ABORT_ERR")
    return new EngineError("cancelled", "the request was cancelled", { cause: error });
  if (code === "EACCES" || code === "EPERM") {
    return new EngineError(
      "forbidden",
      `permission denied while connecting to the engine at ${place(target)}`,
      { cause: error },
    );
  }
  if (isUnanswered(error)) {
    const message = `cannot connect to the engine at ${place(target)}: is wharfd running?`;
    return new EngineError("unavailable", message, { cause: error });
  }
  const message = `the connection to the engine at ${place(target)} failed: ${error.message}`;
  return new EngineError("unavailable", message, { cause: error });
}
