/** @import { Session } from "./api-types.d.ts" */

/** What the registry answered instead of doing it, in its own words. */
export class ApiError extends Error {
  /** @param {number} status @param {string} message */
  constructor(status, message) {
    super(message);
    this.name = "ApiError";
    this.status = status;
  }
}

/** @type {Session} */
let session = { user: null, identity: "", csrf: null, open: false, setup: false };

/** Who is signed in here. */
export const current = () => session;

/** Whether the registry as a whole is theirs to look after. */
export const administers = () => session.user?.admin === true;

/** Asks the registry again who this is. */
export async function refreshSession() {
  session = await call("GET", "/session");
  return session;
}

/**
 * @param {Response} answer
 * @returns {Promise<string>}
 */
async function reason(answer) {
  const text = await answer.text();
  try {
    const { errors } = JSON.parse(text);
    return errors.map((/** @type {{ message: string }} */ { message }) => message).join("; ");
  } catch {
    return text || `${answer.status} ${answer.statusText}`;
  }
}

/** @param {Response} answer @param {string} message */
function withWait(answer, message) {
  const seconds = answer.headers.get("retry-after");
  return answer.status === 429 && seconds ? `${message} (try again in ${seconds} s)` : message;
}

/**
 * One request to the admin API. Throws ApiError.
 * @param {string} method
 * @param {string} path below /api/v1
 * @param {object} [document]
 * @param {AbortSignal} [signal]
 * @returns {Promise<any>}
 */
export async function call(method, path, document, signal) {
  /** @type {Record<string, string>} */
  const headers = {};
  if (document) headers["Content-Type"] = "application/json";
  if (method !== "GET" && session.csrf) headers["X-CSRF-Token"] = session.csrf;
  const body = document && JSON.stringify(document);
  /** @type {Response} */
  let answer;
  try {
    answer = await fetch(`/api/v1${path}`, { method, headers, body, signal, cache: "no-store" });
  } catch (cause) {
    if (signal?.aborted) throw cause;
    throw new ApiError(0, "the registry does not answer");
  }
  if (!answer.ok) throw new ApiError(answer.status, withWait(answer, await reason(answer)));
  const text = await answer.text();
  return text === "" ? undefined : JSON.parse(text);
}

/** @param {string} path @param {AbortSignal} [signal] @returns {Promise<any>} */
export const get = (path, signal) => call("GET", path, undefined, signal);

/**
 * A path whose values are encoded: path`/projects/${name}`. A repository's name keeps its slashes.
 * @param {TemplateStringsArray} parts
 * @param {...(string | number)} values
 */
export const path = (parts, ...values) =>
  String.raw(
    { raw: parts },
    ...values.map((value, index) => {
      const encoded = encodeURIComponent(value).replaceAll("%3A", ":");
      return parts[index].endsWith("/repositories/") ? encoded.replaceAll("%2F", "/") : encoded;
    }),
  );

/** @param {Record<string, string | number | undefined | null>} fields */
export function query(fields) {
  const known = Object.entries(fields).filter(
    ([, value]) => value !== undefined && value !== null && value !== "",
  );
  const text = new URLSearchParams(known.map(([name, value]) => [name, String(value)])).toString();
  return text && `?${text}`;
}
