import { invalidParameter } from "../../base/errors.ts";
import { API_VERSION, MAX_MINOR, MIN_API_VERSION, MIN_MINOR } from "../routes/versions.ts";

const PREFIX = /^\/v([0-9.]+)(\/.*)$/;

/** A request path taken apart: `/v1.41/info` -> "1.41" and "/info". Without a prefix the newest version is meant. */
export function splitVersion(path: string): { readonly version: string; readonly rest: string } {
  const match = PREFIX.exec(path);
  return match ? { version: match[1] ?? "", rest: match[2] ?? "" } : { version: API_VERSION, rest: path };
}

/** The minor number of a version this engine speaks. */
export function negotiate(version: string): number {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  if (major < 1 || (major === 1 && minor < MIN_MINOR)) {
    throw invalidParameter(
      `client version ${version} is too old. Minimum supported API version is ${MIN_API_VERSION}, please upgrade your client to a newer version`,
    );
  }
  if (major > 1 || minor > MAX_MINOR) {
    throw invalidParameter(
      `client version ${version} is too new. Maximum supported API version is ${API_VERSION}`,
    );
  }
  return minor;
}

/** Errors became JSON documents with 1.24. */
export function expectsPlainErrors(version: string): boolean {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  return major < 1 || (major === 1 && minor < 24);
}
