import type { IncomingHttpHeaders } from "node:http";
import type { AnyRoute, Args, BodyOf, KindOf, ResultOf } from "../routes/route.ts";
import type { AttachedStdio, Engine } from "./ports.ts";

/** One request, decoded. */
export interface Call<T extends AnyRoute> {
  readonly args: Args<T>;
  readonly body: BodyOf<T>;
  readonly headers: IncomingHttpHeaders;
  readonly engine: Engine;
  /** Fires when the client has gone or the server closes. */
  readonly signal: AbortSignal;
  /** Minor API version the client speaks: 24 to 50. */
  readonly minor: number;
}

export interface ByteReply {
  readonly mediaType: string;
  readonly body: AsyncIterable<Uint8Array>;
  readonly headers?: Readonly<Record<string, string>>;
  /** Send the headers before there is a byte. */
  readonly live?: boolean;
}

export interface HijackReply {
  readonly stdio: AttachedStdio;
  /** Frames of stdout and stderr, or raw bytes (TTY). */
  readonly multiplexed: boolean;
  /** Whether the client's bytes go to the process. */
  readonly input: boolean;
  /** Bytes that end the attachment when typed; only with a TTY. */
  readonly detachKeys: readonly number[] | undefined;
}

export interface TextReply {
  readonly body: string;
  readonly headers: Readonly<Record<string, string>>;
}

interface Replies<R> {
  // biome-ignore lint/suspicious/noConfusingVoidType: what an engine call without result gives
  readonly empty: void;
  /** Of a list also its rows, for one that may be long. */
  readonly json: R | (R extends readonly (infer Row)[] ? AsyncIterable<Row> : never);
  readonly deferred: { readonly ready: Promise<R> };
  readonly text: TextReply;
  readonly bytes: ByteReply;
  readonly lines: AsyncIterable<R>;
  readonly live: AsyncIterable<R>;
  /** Nothing to attach to: an empty answer. */
  readonly hijack: HijackReply | undefined;
  readonly websocket: HijackReply;
}

export type ReplyOf<T extends AnyRoute> = Replies<ResultOf<T>>[KindOf<T>];
export type Handler<T extends AnyRoute> = (call: Call<T>) => ReplyOf<T> | Promise<ReplyOf<T>>;
/** What the server owes for a table of routes. */
export type Handlers<Table extends Readonly<Record<string, AnyRoute>>> = {
  readonly [K in keyof Table]: Handler<Table[K]>;
};
