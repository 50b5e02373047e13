import { invalidParameter, systemError } from "../../base/errors.ts";
import { drain, Transport, type WireAnswer } from "../../registry-client/transport.ts";
import type { Distribution } from "../distribution.ts";
import type { RegistryKit } from "./kit.ts";

const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);
const REDIRECT_LIMIT = 10;
/** Progress lines are this far apart. Milliseconds. */
const INTERVAL = 100;

/** "example.com/root.tar" means plain HTTP, as it always has. Throws invalidParameter. */
export function parseAddress(text: string): URL {
  const url = URL.parse(/^[a-z][a-z0-9+.-]*:\/\//i.test(text) ? text : `http://${text}`);
  if (!url || !/^https?:$/.test(url.protocol) || url.hostname === "")
    throw invalidParameter(`cannot import from "${text}": expected an http or https address`);
  return url;
}

/** `docker import URL`. Throws invalidParameter for a refusal. The connection is closed when the bytes are read. */
export async function fetchAddress(
  kit: RegistryKit,
  text: string,
  { signal, onProgress }: Parameters<Distribution["fetch"]>[1],
): Promise<AsyncIterable<Uint8Array>> {
  const url = parseAddress(text);
  const transport = new Transport({ url: url.origin, verified: true, mirror: false }, kit.settings());
  try {
    const answer = await follow(transport, url, signal);
    onProgress({ status: `Downloading from ${url.href}` });
    return reported(answer, transport, onProgress);
  } catch (error) {
    await transport.close();
    throw error;
  }
}

async function follow(transport: Transport, from: URL, signal: AbortSignal): Promise<WireAnswer> {
  let url = from;
  for (let hop = 0; hop <= REDIRECT_LIMIT; hop++) {
    const answer = await transport.send({ method: "GET", url, headers: {}, signal });
    const { location } = answer.headers;
    if (answer.status === 200) return answer;
    await drain(answer);
    if (!REDIRECTS.has(answer.status) || !location)
      throw invalidParameter(`failed to GET ${url.href} with status ${answer.status}`);
    const next = URL.parse(location, url);
    if (!next || !/^https?:$/.test(next.protocol))
      throw systemError(`${url.href} leads to an invalid address`);
    url = next;
  }
  throw systemError(`${from.href}: stopped after ${REDIRECT_LIMIT} redirects`);
}

async function* reported(
  { body, headers }: WireAnswer,
  transport: Transport,
  onProgress: Parameters<Distribution["fetch"]>[1]["onProgress"],
): AsyncGenerator<Uint8Array> {
  const total = Number(headers["content-length"] ?? 0);
  let [current, last] = [0, 0];
  try {
    for await (const chunk of body as AsyncIterable<Uint8Array>) {
      current += chunk.length;
      const now = performance.now();
      if (now - last >= INTERVAL || current === total) {
        last = now;
        onProgress({ status: "Importing", progressDetail: { current, total } });
      }
      yield chunk;
    }
  } finally {
    body.destroy();
    await transport.close();
  }
}
