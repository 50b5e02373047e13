import type { IncomingHttpHeaders, IncomingMessage } from "node:http";
import { cancelled, invalidParameter } from "../../base/errors.ts";
import { jsonComplaint } from "../../base/json-complaint.ts";
import { isDeeperThan } from "../../base/json-depth.ts";
import type { Body } from "../routes/route.ts";
import { uploadOf } from "./upload.ts";

/** A header's value; the first of several. */
export function headerText(headers: IncomingHttpHeaders, name: string): string | undefined {
  const value = headers[name];
  return Array.isArray(value) ? value[0] : value;
}

/** Documents are small; whoever sends more means harm. */
const MAX_JSON_BYTES = 16 * 1024 * 1024;

function checkMediaType(request: IncomingMessage): void {
  const type = request.headers["content-type"] ?? "";
  if (type === "") throw invalidParameter("malformed Content-Type header (): mime: no media type");
  const essence = type.split(";", 1)[0]?.trim().toLowerCase();
  if (essence === "application/json") return;
  throw invalidParameter(`unsupported Content-Type header (${type}): must be 'application/json'`);
}

async function readText(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of request as AsyncIterable<Buffer>) {
      size += chunk.length;
      // Read on without keeping: a client that is still writing would not see the refusal.
      if (size <= MAX_JSON_BYTES) chunks.push(chunk);
    }
  } catch (error) {
    throw cancelled("the client has gone before the end of the request's body", error);
  }
  if (size > MAX_JSON_BYTES) throw invalidParameter("invalid JSON: the request body is larger than 16 MiB");
  return Buffer.concat(chunks).toString("utf8");
}

/** Go's limit. */
const DEEPEST = 10_000;

function parse(text: string): unknown {
  if (isDeeperThan(text, DEEPEST)) throw invalidParameter("invalid JSON: exceeded max depth");
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw invalidParameter(`invalid JSON: ${jsonComplaint(text)}`, cause);
  }
}

const isEmpty = (request: IncomingMessage): boolean =>
  request.headers["content-length"] === "0" ||
  (request.headers["content-length"] === undefined && request.headers["transfer-encoding"] === undefined);

/** The decoded JSON body, or its bytes where the route reads those. */
export async function readBody<B>(request: IncomingMessage, body: Body<B>): Promise<unknown> {
  if (body.kind === "bytes") return uploadOf(request);
  if (body.kind === "none") return undefined;
  if (!isEmpty(request)) checkMediaType(request);
  const text = isEmpty(request) ? "" : (await readText(request)).trim();
  if (text === "" && body.required)
    throw invalidParameter("invalid JSON: got EOF while reading request body");
  const document = text === "" ? undefined : parse(text);
  // Clients in Go write an absent document so: `docker commit` before 23 does.
  const absent = document === undefined || document === null;
  if (absent && !body.required) return undefined;
  return body.codec.decode(document ?? {});
}
