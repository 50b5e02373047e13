import { hasKind, invalidParameter, notFound } from "../../base/errors.ts";
import { asList, asObject, DEFAULT_DOMAIN, type Fields, parseObject } from "../../oci/index.ts";
import { endpointsOf } from "../../registry-client/endpoints.ts";
import { RegistryError } from "../../registry-client/errors.ts";
import { Session } from "../../registry-client/session.ts";
import { readWhole } from "../../registry-client/transport.ts";
import type { Distribution, FoundImage } from "../distribution.ts";
import type { RegistryKit } from "./kit.ts";

type SearchOptions = Parameters<Distribution["search"]>[1];

/** The default registry's index, which is searched under another name than images are pulled by. */
const INDEX_HOST = "index.docker.io";
const USUAL_LIMIT = 25;
const ANSWER_LIMIT = 4 * 1024 * 1024;

/** Splits "registry.example.com:5000/words" into registry and words. Throws invalidParameter. Pure. */
export function parseTerm(text: string): { readonly domain: string; readonly words: string } {
  if (/^[a-z]+:\/\//i.test(text))
    throw invalidParameter("invalid repository name: repository name should not start with a scheme");
  const slash = text.indexOf("/");
  const head = slash < 0 ? "" : text.slice(0, slash);
  const isHost = /[.:]/.test(head) || head === "localhost";
  const [domain, words] = isHost ? [head, text.slice(slash + 1)] : [DEFAULT_DOMAIN, text];
  const isDefault = domain === DEFAULT_DOMAIN || domain === INDEX_HOST;
  return {
    domain: isDefault ? DEFAULT_DOMAIN : domain,
    words: isDefault ? words.replace(/^library\//, "") : words,
  };
}

/** `docker search`, by the search call of the first registry protocol, which is the only one that has any. */
export async function searchRegistry(
  kit: RegistryKit,
  text: string,
  { limit, credentials, signal }: SearchOptions,
): Promise<readonly FoundImage[]> {
  const { domain, words } = parseTerm(text);
  const settings = kit.settings();
  const endpoints = endpointsOf(domain, "push", settings).map((endpoint) =>
    domain === DEFAULT_DOMAIN ? { ...endpoint, url: `https://${INDEX_HOST}` } : endpoint,
  );
  let failure: unknown;
  for (const endpoint of endpoints) {
    await using session = new Session(endpoint, credentials, settings);
    const query = new URLSearchParams({ q: words, n: String(limit || USUAL_LIMIT) });
    const url = new URL(`${endpoint.url}/v1/search?${query}`);
    try {
      const answer = await session.send({ method: "GET", url, scopes: [], signal });
      return readResults(await readWhole(answer, ANSWER_LIMIT, "the search result"));
    } catch (error) {
      if (hasKind(error, "cancelled")) throw error;
      if (error instanceof RegistryError) throw noSearch(domain, error);
      failure ??= error;
    }
  }
  throw failure;
}

const noSearch = (domain: string, error: RegistryError): unknown =>
  error.status === 404 || error.status === 405
    ? notFound(`the registry ${domain} offers no search: it answered ${error.status} to /v1/search`, error)
    : error;

/** Throws invalidParameter when the answer is not what search calls answer. Pure. */
export function readResults(content: Uint8Array): readonly FoundImage[] {
  const { results } = parseObject("the search result", content, ANSWER_LIMIT);
  if (results === undefined || results === null) return [];
  return asList("the search result", results, 10_000).map((entry) =>
    readFound(asObject("a search result", entry)),
  );
}

const readFound = (fields: Fields): FoundImage => {
  const text = (name: string) => (typeof fields[name] === "string" ? fields[name] : "");
  return {
    name: text("name"),
    description: text("description"),
    star_count: Number.isSafeInteger(fields["star_count"]) ? Number(fields["star_count"]) : 0,
    is_official: fields["is_official"] === true,
    is_automated: fields["is_automated"] === true,
  };
};
