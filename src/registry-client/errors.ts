import { EngineError, type ErrorKind, messageOf } from "../base/errors.ts";
import type { Challenge } from "./challenge.ts";

/** A registry's refusal (OCI distribution-spec, "Error Codes"). */
export class RegistryError extends EngineError {
  /** "MANIFEST_UNKNOWN", "DENIED", ...; of the HTTP status when the registry gave none. */
  readonly code: string;
  readonly status: number;
  /** Seconds the registry asks to wait before the next try. */
  readonly retryAfter: number | undefined;

  constructor(code: string, message: string, status: number, retryAfter?: number) {
    super(kindOfStatus(status), `${code.toLowerCase().replaceAll("_", " ")}: ${message}`);
    this.code = code;
    this.status = status;
    this.retryAfter = retryAfter;
  }
}

/** The network or the connection failed: another try, or another endpoint, may succeed. */
export class ConnectionError extends EngineError {
  constructor(message: string, cause?: unknown) {
    super("system", message, { cause });
  }
}

function kindOfStatus(status: number): ErrorKind {
  if (status === 401) return "unauthorized";
  if (status === 403) return "forbidden";
  if (status === 404) return "notFound";
  if (status === 429 || status >= 500) return "unavailable";
  return "system";
}

const CODE_OF_STATUS: Readonly<Record<number, readonly [code: string, message: string]>> = {
  401: ["UNAUTHORIZED", "authentication required"],
  403: ["DENIED", "requested access to the resource is denied"],
  404: ["NOT_FOUND", "the registry does not have it"],
  429: ["TOOMANYREQUESTS", "too many requests"],
  503: ["UNAVAILABLE", "service unavailable"],
};

/** Text from outside goes to terminals: one line, bounded, without control characters. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is taken out
const printable = (text: string): string => text.replace(/[\x00-\x1f\x7f-\x9f]+/g, " ").slice(0, 1000);

/** Makes an error of a registry's answer, in the words Docker's client has for it. Pure. */
export function registryError(
  status: number,
  body: string,
  challenges: readonly Challenge[],
  retryAfter: string | undefined,
): RegistryError {
  const seconds = retryAfter !== undefined && /^\d{1,6}$/.test(retryAfter) ? Number(retryAfter) : undefined;
  const bearer = challenges.find(({ scheme }) => scheme === "bearer")?.parameters ?? {};
  const reason = bearer["error"];
  if (status === 401 && reason === "insufficient_scope") {
    const text = bearer["error_description"] ?? "requested access to the resource is denied";
    return new RegistryError("DENIED", printable(text), status);
  }
  const first = firstError(body);
  if (first) return new RegistryError(first.code, first.message, status, seconds);
  const [code, message] = CODE_OF_STATUS[status] ?? [
    "UNKNOWN",
    `the registry answered with status ${status}`,
  ];
  const text = printable(body.trim());
  // A refused login is the same in whatever form it is told; of pages for browsers only the status is worth telling.
  if (status === 401 || text === "" || text.startsWith("<"))
    return new RegistryError(code, message, status, seconds);
  return new RegistryError(code, `error parsing HTTP ${status} response body: "${text}"`, status, seconds);
}

function firstError(body: string): { readonly code: string; readonly message: string } | undefined {
  let parsed: unknown;
  try {
    parsed = JSON.parse(body);
  } catch {
    // Not every server speaks the registry's language: the status says what is known then.
    return undefined;
  }
  if (typeof parsed !== "object" || parsed === null) return undefined;
  const { errors, details } = parsed as { readonly errors?: unknown; readonly details?: unknown };
  const entry: unknown = Array.isArray(errors) ? errors[0] : undefined;
  if (typeof entry === "object" && entry !== null) {
    // Docker takes keys in any case, and there are servers that write "Code".
    const fields = new Map(
      Object.entries(entry).map(([key, value]) => [key.toLowerCase(), value as unknown]),
    );
    const [code, message] = [fields.get("code"), fields.get("message")];
    const said = typeof message === "string" ? message : "";
    if (typeof code === "string")
      return { code: printable(code), message: printable(said || code.toLowerCase()) };
  }
  return typeof details === "string" ? { code: "UNAUTHORIZED", message: printable(details) } : undefined;
}

const TLS_WORDS: Readonly<Record<string, string>> = {
  SELF_SIGNED_CERT_IN_CHAIN: "certificate signed by unknown authority",
  DEPTH_ZERO_SELF_SIGNED_CERT: "certificate signed by unknown authority",
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: "certificate signed by unknown authority",
  UNABLE_TO_GET_ISSUER_CERT: "certificate signed by unknown authority",
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: "certificate signed by unknown authority",
  CERT_HAS_EXPIRED: "certificate has expired or is not yet valid",
  CERT_NOT_YET_VALID: "certificate has expired or is not yet valid",
};
/** What OpenSSL says of an answer that is no TLS; the error's code is only EPROTO. */
const NOT_TLS = /wrong version number|packet length too long/;

/** A failed connection in the words Docker's users know. */
export function connectionError(method: string, url: URL, error: unknown): ConnectionError {
  return new ConnectionError(`${requestName(method, url)}: ${reasonOf(url, error)}`, error);
}

/** A request as errors name it: `Get "https://registry.example.com/v2/"`. */
export const requestName = (method: string, url: URL): string =>
  `${method.charAt(0)}${method.slice(1).toLowerCase()} "${url.href}"`;

function reasonOf(url: URL, error: unknown): string {
  if (!(error instanceof Error)) return messageOf(error);
  const failure = error instanceof AggregateError ? (error.errors[0] as Error) : error;
  const { code = "", address, port } = failure as Error & { code?: string; address?: string; port?: number };
  const where = address ? ` ${address.includes(":") ? `[${address}]` : address}:${port}` : "";
  if (code === "ECONNREFUSED") return `dial tcp${where}: connect: connection refused`;
  if (code === "EHOSTUNREACH" || code === "ENETUNREACH") return `dial tcp${where}: connect: no route to host`;
  if (code === "ETIMEDOUT") return `dial tcp${where}: i/o timeout`;
  if (code === "ENOTFOUND") return `dial tcp: lookup ${url.hostname}: no such host`;
  if (code === "EAI_AGAIN") return `dial tcp: lookup ${url.hostname}: temporary failure in name resolution`;
  if (NOT_TLS.test(failure.message)) return "http: server gave HTTP response to HTTPS client";
  if (code === "ECONNRESET") return "EOF: the registry closed the connection";
  const tls = TLS_WORDS[code];
  if (tls) return `tls: failed to verify certificate: x509: ${tls}`;
  if (code === "ERR_TLS_CERT_ALTNAME_INVALID")
    return `tls: failed to verify certificate: x509: certificate is not valid for ${url.hostname}`;
  return failure.message;
}
