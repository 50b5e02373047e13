import { invalidParameter } from "../base/errors.ts";
import { asObject } from "../oci/index.ts";

/** What a client knows to log in with (Docker's AuthConfig). */
export interface Credentials {
  readonly username: string;
  readonly password: string;
  /** A refresh token that stands in for the password. */
  readonly identityToken: string;
  /** A bearer token that is sent as it is. */
  readonly registryToken: string;
}

export const ANONYMOUS: Credentials = { username: "", password: "", identityToken: "", registryToken: "" };

/** Reads the `X-Registry-Auth` header: base64url of an AuthConfig. Throws invalidParameter. */
export function decodeAuthHeader(header: string | undefined): Credentials {
  if (!header) return ANONYMOUS;
  let fields: Readonly<Record<string, unknown>>;
  try {
    const text = Buffer.from(header, "base64url").toString("utf8").trim();
    fields = text === "" ? {} : asObject("X-Registry-Auth", JSON.parse(text));
  } catch (cause) {
    throw invalidParameter("invalid X-Registry-Auth header: expected base64url-encoded JSON", cause);
  }
  return credentialsOf(fields);
}

/** Takes the fields of an AuthConfig; `auth` is "user:password" in base64. Throws invalidParameter. */
export function credentialsOf(fields: Readonly<Record<string, unknown>>): Credentials {
  const text = (name: string): string => {
    const value = fields[name] ?? "";
    if (typeof value === "string") return value;
    throw invalidParameter(`invalid registry credentials: ${name} is not a string`);
  };
  const plain = Buffer.from(text("auth"), "base64").toString("utf8").replace(/\0+$/, "");
  const colon = plain.indexOf(":");
  const [user, secret] = colon < 0 ? ["", ""] : [plain.slice(0, colon), plain.slice(colon + 1)];
  return {
    username: text("username") || user,
    password: text("password") || secret,
    identityToken: text("identitytoken"),
    registryToken: text("registrytoken"),
  };
}

export const isAnonymous = ({ username, password, identityToken, registryToken }: Credentials): boolean =>
  username === "" && password === "" && identityToken === "" && registryToken === "";
