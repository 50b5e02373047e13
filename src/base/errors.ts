/** The closed list of ways an operation can fail. One place (`api/server/status.ts`) knows what each means in HTTP. */
export type ErrorKind =
  | "notFound"
  | "invalidParameter"
  | "conflict"
  | "notModified"
  | "unauthorized"
  | "forbidden"
  | "unavailable"
  | "notImplemented"
  | "cancelled"
  | "system";

/**
 * A failure a person will read: `message` says what happened and what to do, lower case, without a full stop,
 * in Docker's wording where clients are known to read it. The low-level reason travels as `cause`.
 */
export class EngineError extends Error {
  readonly kind: ErrorKind;

  constructor(kind: ErrorKind, message: string, options?: { readonly cause?: unknown }) {
    super(message, options);
    this.name = "EngineError";
    this.kind = kind;
  }
}

type Raise = (message: string, cause?: unknown) => EngineError;
const raise =
  (kind: ErrorKind): Raise =>
  (message, cause) =>
    new EngineError(kind, message, cause === undefined ? undefined : { cause });

export const notFound = raise("notFound");
export const invalidParameter = raise("invalidParameter");
export const conflict = raise("conflict");
export const notModified = raise("notModified");
export const unauthorized = raise("unauthorized");
export const forbidden = raise("forbidden");
export const unavailable = raise("unavailable");
export const notImplemented = raise("notImplemented");
export const cancelled = raise("cancelled");
export const systemError = raise("system");

/** The failure a caller should be told of: unwinding may have wrapped it together with clean-up failures. */
export function firstFailure(error: unknown): unknown {
  return error instanceof SuppressedError ? firstFailure(error.suppressed) : error;
}

export function kindOf(error: unknown): ErrorKind {
  const first = firstFailure(error);
  return first instanceof EngineError ? first.kind : "system";
}

export const hasKind = (error: unknown, kind: ErrorKind): boolean => kindOf(error) === kind;

/** The text of anything thrown, for messages that quote a cause. */
export function messageOf(error: unknown): string {
  const first = firstFailure(error);
  return first instanceof Error ? first.message : String(first);
}

/** `code` of a Node or kernel error ("ENOENT", "EBUSY", ...), else undefined. */
export function errnoOf(error: unknown): string | undefined {
  const first = firstFailure(error);
  if (typeof first !== "object" || first === null || !("code" in first)) return undefined;
  return typeof first.code === "string" ? first.code : undefined;
}
