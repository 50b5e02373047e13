import type { Codec } from "../schema/kit.ts";
import type { QueryParam } from "./query.ts";

export type Method = "GET" | "HEAD" | "POST" | "PUT" | "DELETE";
export type Query = Readonly<Record<string, QueryParam<unknown>>>;

/** What the request carries: nothing, a JSON document, or bytes that are read as they come. */
export type Body<B> =
  | { readonly kind: "none" }
  | { readonly kind: "json"; readonly codec: Codec<B>; readonly required: boolean }
  | { readonly kind: "bytes"; readonly mediaType: string };

/**
 * What the answer is made of. `deferred`: headers at once, one document when it is known. `lines`: one JSON document
 * a line; `live` ones send their headers before the first line exists. `hijack`: the connection becomes a byte pipe,
 * `websocket`: one of messages.
 */
export type AnswerKind =
  | "empty"
  | "json"
  | "deferred"
  | "text"
  | "bytes"
  | "lines"
  | "live"
  | "hijack"
  | "websocket";

/** How a refusal is written: as a JSON document, or as a line of text that is the whole stream and ends the connection. */
export type RefusalKind = "json" | "stream";

declare const carries: unique symbol;
/** The kind of an answer, together with the type of its document (or of one line) for the compiler. */
export interface Answer<K extends AnswerKind, R> {
  readonly kind: K;
  readonly [carries]?: R;
}

export interface Route<P extends string, Q extends Query, B, K extends AnswerKind, R> {
  readonly method: Method;
  /** As in the API description; `{name:.*}` also matches slashes. */
  readonly path: P;
  /** First minor version that has it, when not there from the oldest. */
  readonly since?: number;
  /** Another path without parameters at which it answers. */
  readonly also?: string;
  readonly success: number;
  readonly query: Q;
  readonly body: Body<B>;
  readonly answer: Answer<K, R>;
  readonly refusal: RefusalKind;
}

// biome-ignore lint/suspicious/noExplicitAny: the top type of a route; `unknown` would not accept narrower codecs
export type AnyRoute = Route<string, Query, any, AnswerKind, any>;

type ParamName<S extends string> = S extends `${infer Name}:${string}` ? Name : S;
export type PathParams<P extends string> = P extends `${string}{${infer Name}}${infer Rest}`
  ? ParamName<Name> | PathParams<Rest>
  : never;

type QueryValues<Q extends Query> = { readonly [K in keyof Q]: Q[K] extends QueryParam<infer T> ? T : never };

/** What a handler is given: path and query parameters by name. */
export type Args<T> =
  T extends Route<infer P, infer Q, infer _B, infer _K, infer _R>
    ? { readonly [K in PathParams<P>]: string } & QueryValues<Q>
    : never;

export type BodyOf<T> = T extends Route<infer _P, infer _Q, infer B, infer _K, infer _R> ? B : never;
export type KindOf<T> = T extends Route<infer _P, infer _Q, infer _B, infer K, infer _R> ? K : never;
export type ResultOf<T> = T extends Route<infer _P, infer _Q, infer _B, infer _K, infer R> ? R : never;

interface Definition<Q extends Query, B, K extends AnswerKind, R> {
  /** When it is not the kind's usual one. */
  readonly success?: number;
  readonly since?: number;
  readonly also?: string;
  readonly query?: Q;
  readonly body?: Body<B>;
  readonly answer: Answer<K, R>;
  /** When it is not a JSON document. */
  readonly refusal?: RefusalKind;
}

type NoQuery = Readonly<Record<never, never>>;
const PLAIN_SUCCESS: Readonly<Record<AnswerKind, number>> = {
  empty: 204,
  json: 200,
  deferred: 200,
  text: 200,
  bytes: 200,
  lines: 200,
  live: 200,
  hijack: 101,
  websocket: 101,
};

export function route<P extends string, K extends AnswerKind, R, Q extends Query = NoQuery, B = undefined>(
  method: Method,
  path: P,
  definition: Definition<Q, B, K, R>,
): Route<P, Q, B, K, R> {
  const { success, since, also, query, body, answer, refusal = "json" } = definition;
  return {
    method,
    path,
    ...(since === undefined ? {} : { since }),
    ...(also === undefined ? {} : { also }),
    success: success ?? PLAIN_SUCCESS[answer.kind],
    query: query ?? ({} as Q),
    body: body ?? { kind: "none" },
    answer,
    refusal,
  };
}

export const jsonBody = <B>(codec: Codec<B>): Body<B> => ({ kind: "json", codec, required: true });
export const optionalJsonBody = <B>(codec: Codec<B>): Body<B | undefined> => ({
  kind: "json",
  codec,
  required: false,
});
export const bytesBody = (mediaType: string): Body<AsyncIterable<Uint8Array>> => ({
  kind: "bytes",
  mediaType,
});

export const empty: Answer<"empty", undefined> = { kind: "empty" };
export const text: Answer<"text", string> = { kind: "text" };
export const bytes: Answer<"bytes", Uint8Array> = { kind: "bytes" };
export const hijack: Answer<"hijack", Uint8Array> = { kind: "hijack" };
export const websocket: Answer<"websocket", Uint8Array> = { kind: "websocket" };
export const json = <R>(): Answer<"json", R> => ({ kind: "json" });
export const deferred = <R>(): Answer<"deferred", R> => ({ kind: "deferred" });
export const lines = <R>(): Answer<"lines", R> => ({ kind: "lines" });
export const live = <R>(): Answer<"live", R> => ({ kind: "live" });
