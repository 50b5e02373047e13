import { once } from "node:events";
import type { ServerResponse } from "node:http";
import { setImmediate as turn } from "node:timers/promises";
import { firstFailure, kindOf, messageOf } from "../../base/errors.ts";
import type { ErrorBody, ErrorLine } from "../schema/error.ts";
import { BatchWriter } from "./batch-writer.ts";
import type { ByteReply, TextReply } from "./call.ts";
import { statusOf } from "./status.ts";

const JSON_TYPE = "application/json";

/** A whole JSON answer, with a line feed at its end as Docker's. */
export function sendJson(response: ServerResponse, status: number, value: unknown): void {
  const body = `${JSON.stringify(value)}\n`;
  response.writeHead(status, { "Content-Type": JSON_TYPE, "Content-Length": Buffer.byteLength(body) });
  response.end(body);
}

/** Characters of a long list that are made and written in one turn of the event loop. */
const PIECE = 32 * 1024;

/**
 * A JSON array whose rows are made while it is sent, so that thousands of them keep nobody else waiting and the client
 * reads while more are made. What fits into one piece is an answer like any other; a failure in it becomes a status.
 */
export async function sendRows(
  response: ServerResponse,
  status: number,
  rows: AsyncIterable<unknown>,
): Promise<void> {
  const writer = new BatchWriter(response);
  let text = "";
  for await (const row of rows) {
    text += `${response.headersSent || text !== "" ? "," : "["}${JSON.stringify(row)}`;
    if (text.length < PIECE) continue;
    if (!response.headersSent) response.writeHead(status, { "Content-Type": JSON_TYPE });
    const slow = writer.write(Buffer.from(text));
    text = "";
    await (slow ?? turn());
    if (writer.closed) return;
  }
  text = `${response.headersSent || text !== "" ? text : "["}]\n`;
  if (response.headersSent) {
    writer.write(Buffer.from(text));
    return end(response, writer);
  }
  response.writeHead(status, { "Content-Type": JSON_TYPE, "Content-Length": Buffer.byteLength(text) });
  response.end(text);
}

export function sendText(response: ServerResponse, status: number, { body, headers }: TextReply): void {
  response.writeHead(status, {
    ...headers,
    "Content-Type": "text/plain; charset=utf-8",
    "Content-Length": Buffer.byteLength(body),
  });
  response.end(body);
}

export function sendEmpty(response: ServerResponse, status: number): void {
  response.writeHead(status, status === 204 || status === 304 ? {} : { "Content-Length": 0 });
  response.end();
}

/** `plain`: without JSON, as clients of API versions before 1.24 expect it. */
export function sendError(response: ServerResponse, error: unknown, plain: boolean): void {
  const message = messageOf(error);
  if (kindOf(error) === "notModified") sendEmpty(response, 304);
  else if (plain) sendText(response, statusOf(error), { body: `${message}\n`, headers: {} });
  else sendJson(response, statusOf(error), { message } satisfies ErrorBody);
}

/** A line of text as the whole stream, and the end of the connection. */
export function sendStreamError(response: ServerResponse, error: unknown, mediaType: string): void {
  const body = `${messageOf(error)}\r\n`;
  response.writeHead(statusOf(error), {
    "Content-Type": mediaType,
    "Content-Length": Buffer.byteLength(body),
    Connection: "close",
  });
  response.end(body);
}

/** A command's exit code, which clients end with, too. */
function exitCodeOf(error: unknown): number | undefined {
  const first = firstFailure(error);
  if (typeof first !== "object" || first === null || !("exitCode" in first)) return undefined;
  return typeof first.exitCode === "number" ? first.exitCode : undefined;
}

/** A failure as a line of a stream. */
export function errorLine(error: unknown): ErrorLine {
  const [code, message] = [exitCodeOf(error), messageOf(error)];
  return { errorDetail: { ...(code === undefined ? {} : { code }), message }, error: message };
}

const encodeLine = (value: unknown): Buffer => Buffer.from(`${JSON.stringify(value)}\r\n`);

async function end(response: ServerResponse, writer: BatchWriter): Promise<void> {
  writer.flush();
  if (writer.closed) return;
  response.end();
  await once(response, "close");
}

/**
 * One JSON document a line. A failure before the first line is thrown, so that it becomes a status; a later one is
 * the last line. With `live` the headers go out before the first line is there.
 */
export async function sendLines(
  response: ServerResponse,
  status: number,
  source: AsyncIterable<unknown>,
  live: boolean,
): Promise<void> {
  const lines = source[Symbol.asyncIterator]();
  const start = () => {
    response.writeHead(status, { "Content-Type": JSON_TYPE });
    response.flushHeaders();
  };
  if (live) start();
  let next = await lines.next();
  if (!live) start();
  const writer = new BatchWriter(response);
  try {
    while (!next.done && !writer.closed) {
      const slow = writer.write(encodeLine(next.value));
      if (slow) await slow;
      next = await lines.next();
    }
  } catch (error) {
    writer.write(encodeLine(errorLine(error)));
  } finally {
    await lines.return?.();
  }
  await end(response, writer);
}

/** Bytes as they come. After the first one a failure can only be told by cutting the answer short. */
export async function sendBytes(response: ServerResponse, status: number, reply: ByteReply): Promise<void> {
  const chunks = reply.body[Symbol.asyncIterator]();
  const start = () => {
    response.writeHead(status, { ...reply.headers, "Content-Type": reply.mediaType });
    response.flushHeaders();
  };
  if (reply.live) start();
  let next = await chunks.next();
  if (!reply.live) start();
  const writer = new BatchWriter(response);
  try {
    while (!next.done && !writer.closed) {
      const slow = writer.write(next.value);
      if (slow) await slow;
      next = await chunks.next();
    }
  } catch (error) {
    writer.flush();
    response.destroy();
    throw error;
  } finally {
    await chunks.return?.();
  }
  await end(response, writer);
}

/** Headers now, the document when it is known. */
export async function sendDeferred(
  response: ServerResponse,
  status: number,
  ready: Promise<unknown>,
): Promise<void> {
  response.writeHead(status, { "Content-Type": JSON_TYPE });
  response.flushHeaders();
  try {
    response.end(`${JSON.stringify(await ready)}\n`);
  } catch (error) {
    response.destroy();
    throw error;
  }
}
