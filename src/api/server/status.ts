import { type ErrorKind, kindOf } from "../../base/errors.ts";

/** The one place that knows what a kind of failure is in HTTP; a kind without a status does not compile. */
const STATUS = {
  notFound: 404,
  invalidParameter: 400,
  conflict: 409,
  notModified: 304,
  unauthorized: 401,
  forbidden: 403,
  unavailable: 503,
  notImplemented: 501,
  cancelled: 500,
  system: 500,
} as const satisfies Record<ErrorKind, number>;

export const statusOf = (error: unknown): number => STATUS[kindOf(error)];
