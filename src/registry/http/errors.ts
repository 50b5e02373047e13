import { EngineError, type ErrorKind, errnoOf, firstFailure } from "../../base/errors.ts";

/** Codes of the distribution-spec ("Error Codes") and of the Docker registry API, with their status and text. */
const CODES = {
  BLOB_UNKNOWN: [404, "blob unknown to registry"],
  BLOB_UPLOAD_INVALID: [400, "blob upload invalid"],
  BLOB_UPLOAD_UNKNOWN: [404, "blob upload unknown to registry"],
  CONFLICT: [409, "the request conflicts with what is there"],
  DENIED: [403, "requested access to the resource is denied"],
  DIGEST_INVALID: [400, "provided digest did not match uploaded content"],
  INTERNAL: [500, "the registry failed"],
  INVALID: [400, "invalid request"],
  MANIFEST_BLOB_UNKNOWN: [404, "manifest references a manifest or blob unknown to registry"],
  MANIFEST_INVALID: [400, "manifest invalid"],
  MANIFEST_UNKNOWN: [404, "manifest unknown to registry"],
  NAME_INVALID: [400, "invalid repository name"],
  NAME_UNKNOWN: [404, "repository name not known to registry"],
  NOT_FOUND: [404, "not found"],
  PAGINATION_NUMBER_INVALID: [400, "invalid number of results requested"],
  RANGE_INVALID: [416, "invalid content range"],
  SIZE_INVALID: [400, "provided length did not match content length"],
  TAG_INVALID: [400, "invalid tag"],
  TOOMANYREQUESTS: [429, "too many requests"],
  UNAUTHORIZED: [401, "authentication required"],
  UNAVAILABLE: [503, "service unavailable"],
  UNSUPPORTED: [405, "the operation is unsupported"],
} as const satisfies Record<string, readonly [status: number, message: string]>;

export type ErrorCode = keyof typeof CODES;

export interface FailureOptions {
  /** Instead of the code's own. */
  readonly status?: number;
  readonly message?: string;
  readonly detail?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  readonly cause?: unknown;
}

/** A failure as the client is told of it. */
export class RegistryError extends Error {
  readonly code: ErrorCode;
  readonly status: number;
  readonly detail: unknown;
  readonly headers: Readonly<Record<string, string>>;

  constructor(code: ErrorCode, options: FailureOptions = {}) {
    super(
      options.message ?? CODES[code][1],
      options.cause === undefined ? undefined : { cause: options.cause },
    );
    this.name = "RegistryError";
    this.code = code;
    this.status = options.status ?? CODES[code][0];
    this.detail = options.detail;
    this.headers = options.headers ?? {};
  }
}

export const failure = (code: ErrorCode, options?: FailureOptions): RegistryError =>
  new RegistryError(code, options);

/** Several faults of one document, told together (missing blobs of a manifest). */
export class RegistryErrors extends Error {
  readonly errors: readonly [RegistryError, ...RegistryError[]];

  constructor(errors: readonly [RegistryError, ...RegistryError[]]) {
    super(errors[0].message);
    this.errors = errors;
  }
}

const OF_KIND: Partial<Record<ErrorKind, ErrorCode>> = {
  notFound: "NOT_FOUND",
  invalidParameter: "INVALID",
  conflict: "CONFLICT",
  unauthorized: "UNAUTHORIZED",
  forbidden: "DENIED",
  unavailable: "UNAVAILABLE",
};

/** What a client may know of anything thrown: the text of a fault inside stays in the log. */
export function asRegistryErrors(thrown: unknown): readonly [RegistryError, ...RegistryError[]] {
  const error = firstFailure(thrown);
  if (error instanceof RegistryErrors) return error.errors;
  if (error instanceof RegistryError) return [error];
  const code = error instanceof EngineError ? OF_KIND[error.kind] : undefined;
  if (code) return [failure(code, { message: (error as Error).message, cause: error })];
  const errno = errnoOf(error);
  if (errno === "ENOSPC" || errno === "EDQUOT" || isDatabaseFull(error)) {
    return [failure("UNAVAILABLE", { status: 507, message: "the registry's disk is full", cause: error })];
  }
  return [failure("INTERNAL", { cause: error })];
}

const SQLITE_FULL = 13;

const isDatabaseFull = (error: unknown): boolean =>
  error instanceof Error && "errcode" in error && error.errcode === SQLITE_FULL;

/** The body of the specification's error answers. */
export const errorBody = (errors: readonly RegistryError[]): string =>
  JSON.stringify({
    errors: errors.map(({ code, message, detail }) => ({
      code,
      message,
      ...(detail === undefined ? {} : { detail }),
    })),
  });
