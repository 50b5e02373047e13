import type { IncomingMessage, RequestOptions } from "node:http";
import { errnoOf, messageOf, unavailable } from "../base/errors.ts";
import { loadRegularFile } from "../base/regular-file.ts";
import type { PluginAddress } from "./address.ts";

export interface PluginAnswer {
  readonly status: number;
  readonly body: string;
}

/** Docker's media type; version 1.2 of the protocol differs from 1.0 in what drivers may ask alone. */
const MEDIA_TYPE = "application/vnd.docker.plugins.v1.2+json";
/** A plugin that answers without end must not fill the engine's memory. */
const LONGEST_ANSWER = 16 * 1024 * 1024;

/** Whether the request cannot have reached the plugin, so that sending it again does nothing twice. */
export const neverArrived = (error: unknown): boolean =>
  ["ENOENT", "ECONNREFUSED", "EAGAIN", "EHOSTUNREACH", "ENETUNREACH"].includes(errnoOf(error) ?? "");

async function connection(address: PluginAddress): Promise<RequestOptions & Record<string, unknown>> {
  if ("socket" in address) return { socketPath: address.socket };
  const { host, port, tls } = address;
  if (!tls) return { host, port };
  const [ca, cert, key] = await Promise.all(
    [tls.ca, tls.cert, tls.key].map((file) => (file === undefined ? undefined : loadRegularFile(file))),
  );
  return { host, port, ca, cert, key, rejectUnauthorized: !tls.insecure };
}

async function readBody(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > LONGEST_ANSWER) {
      response.destroy();
      throw unavailable(`the plugin's answer is longer than ${LONGEST_ANSWER} bytes`);
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

/** One POST over a connection of its own. Rejects with the connection's error, or unavailable when the time is over. */
export async function post(
  address: PluginAddress,
  method: string,
  body: string,
  signal: AbortSignal,
): Promise<PluginAnswer> {
  const secure = !("socket" in address) && address.tls !== undefined;
  // Loaded with the first plugin: the engine's own start needs no client.
  const { request } = secure ? process.getBuiltinModule("node:https") : process.getBuiltinModule("node:http");
  const options = await connection(address);
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  const outgoing = request({
    ...options,
    method: "POST",
    path: `/${method}`,
    agent: false,
    signal,
    headers: {
      Accept: MEDIA_TYPE,
      "Content-Type": MEDIA_TYPE,
      "Content-Length": Buffer.byteLength(body),
      ...("socket" in options && { Host: "plugin" }),
    },
  });
  outgoing.once("response", resolve).once("error", reject).end(body);
  try {
    const response = await promise;
    return { status: response.statusCode ?? 0, body: await readBody(response) };
  } catch (error) {
    if (signal.aborted)
      throw unavailable(`the plugin did not answer ${method}: ${messageOf(signal.reason)}`, error);
    throw error;
  }
}
