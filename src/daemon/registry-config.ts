import { invalidParameter } from "../base/errors.ts";
import { ANONYMOUS, type Credentials, credentialsOf } from "../image/index.ts";
import { asObject } from "../oci/index.ts";

/** The key under which clients keep what they know of Docker's own registry. */
const HUB_KEY = "https://index.docker.io/v1/";

/** "https://host:5000/v1/" to "host:5000". */
const hostOf = (key: string): string => key.replace(/^https?:\/\//, "").split("/", 1)[0] ?? "";

/**
 * What an `X-Registry-Config` header (base64 of an object of AuthConfigs by registry) holds for one registry.
 * Throws invalidParameter.
 */
export function credentialsFor(header: string | undefined, domain: string): Credentials {
  if (!header) return ANONYMOUS;
  let known: Readonly<Record<string, unknown>>;
  try {
    const text = Buffer.from(header, "base64url").toString("utf8").trim();
    known = text === "" ? {} : asObject("X-Registry-Config", JSON.parse(text));
  } catch (cause) {
    throw invalidParameter("invalid X-Registry-Config header: expected base64url-encoded JSON", cause);
  }
  const wanted = domain === "docker.io" ? HUB_KEY : domain;
  const key = Object.hasOwn(known, wanted)
    ? wanted
    : Object.keys(known).find((name) => hostOf(name) === hostOf(wanted));
  return key === undefined ? ANONYMOUS : credentialsOf(asObject("X-Registry-Config", known[key]));
}
