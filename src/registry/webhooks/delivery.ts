import { createHmac, randomUUID } from "node:crypto";
import { fetchNamed } from "../http/outgoing.ts";
import type { RegistryEvent } from "../journal/journal.ts";

const ANSWER_TIME = 10_000;
/** The Docker registry's notification envelope: what consumers of its events read already. */
const CONTENT_TYPE = "application/vnd.docker.distribution.events.v1+json";

/** Sends an event; gives the status of the answer. Rejects where there is none in time. */
export async function post(
  url: string,
  payload: string,
  secret: string | undefined,
  stop: AbortSignal,
): Promise<number> {
  const signature = secret
    ? { "X-Wharf-Signature": `sha256=${createHmac("sha256", secret).update(payload).digest("hex")}` }
    : {};
  const answer = await fetchNamed(url, {
    method: "POST",
    body: payload,
    headers: { "Content-Type": CONTENT_TYPE, "User-Agent": "wharf-registry", ...signature },
    redirect: "manual",
    signal: AbortSignal.any([stop, AbortSignal.timeout(ANSWER_TIME)]),
  });
  await answer.body?.cancel();
  return answer.status;
}

/** An event as the Docker registry tells of it. */
export function envelope({
  action,
  actor,
  address,
  repository,
  tag,
  digest,
  mediaType,
  size,
}: RegistryEvent): string {
  const target = {
    mediaType,
    digest,
    size,
    length: size,
    repository,
    tag,
    url: digest && `/v2/${repository}/manifests/${digest}`,
  };
  const event = {
    id: randomUUID(),
    timestamp: new Date().toISOString(),
    action,
    target,
    request: { addr: address },
    actor: { name: actor },
  };
  return JSON.stringify({ events: [event] });
}
