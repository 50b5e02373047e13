import { invalidParameter } from "../../base/errors.ts";
import { decodeAuthHeader, type FoundImage } from "../../image/index.ts";
import type { Kit } from "../containers/kit.ts";
import type { Filters } from "../views.ts";
import { isTrue } from "./filters.ts";

export type { FoundImage } from "../../image/index.ts";

export interface SearchOptions {
  /** May begin with a registry's address: "registry.example.com:5000/words". */
  readonly term: string;
  /** 0 or absent: the registry's usual number. */
  readonly limit: number | undefined;
  readonly filters: Filters;
  /** The `X-Registry-Auth` header. */
  readonly auth: string | undefined;
}

const KNOWN = ["is-automated", "is-official", "stars"];
const LIMIT = 100;

/** Whether a result is wanted. Throws invalidParameter. Pure. */
function searchFilter(filters: Filters): (found: FoundImage) => boolean {
  const unknown = [...filters.keys()].find((name) => !KNOWN.includes(name));
  if (unknown !== undefined) throw invalidParameter(`invalid filter '${unknown}'`);
  const flag = (name: string): boolean | undefined => {
    const wanted = filters.get(name) ?? [];
    return wanted.length === 0 ? undefined : isTrue(name, wanted);
  };
  const [official, automated] = [flag("is-official"), flag("is-automated")];
  const stars = (filters.get("stars") ?? []).map((text) => {
    if (/^\d{1,9}$/.test(text)) return Number(text);
    throw invalidParameter(`invalid filter 'stars=[${text}]'`);
  });
  return (found) =>
    (official === undefined || found.is_official === official) &&
    (automated === undefined || found.is_automated === automated) &&
    stars.every((least) => found.star_count >= least);
}

/** `docker search`: what a registry finds for a term. */
export async function search(
  kit: Kit,
  { term, limit = 0, filters, auth }: SearchOptions,
  signal: AbortSignal,
): Promise<readonly FoundImage[]> {
  if (limit < 0 || limit > LIMIT)
    throw invalidParameter(`limit ${limit} is outside the range of [1, ${LIMIT}]`);
  const isWanted = searchFilter(filters);
  const found = await kit.distribution.search(term, { limit, credentials: decodeAuthHeader(auth), signal });
  return found.filter(isWanted);
}
