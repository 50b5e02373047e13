import { constants } from "node:os";
import { type EngineError, errnoOf, systemError } from "../base/errors.ts";

const SQLITE_FULL = 13;

/** No room left on the filesystem, or none that a quota allows. Node has no name for EDQUOT. */
export function isDiskFull(error: unknown): boolean {
  const code = errnoOf(error);
  if (code === "ENOSPC" || code === "EDQUOT") return true;
  if (typeof error !== "object" || error === null) return false;
  const { errno, errcode } = error as { readonly errno?: unknown; readonly errcode?: unknown };
  return errno === -constants.errno.EDQUOT || errcode === SQLITE_FULL;
}

/** `what` could not be done because of it. */
export const diskFull = (what: string, cause: unknown): EngineError =>
  systemError(`no space left on device: ${what}`, cause);
