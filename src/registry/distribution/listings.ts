import { MEDIA_TYPES } from "../../oci/index.ts";
import { failure } from "../http/errors.ts";
import type { Exchange } from "../http/exchange.ts";
import type { ManifestRecord } from "../metadata/manifests.ts";
import { parseBlobDigest } from "./digest.ts";
import type { DistributionServices } from "./services.ts";

const CATALOG_PAGE = 1000;
/** An answer to referrers stays below the 4 MiB that clients read of a manifest. */
const REFERRERS_BYTES = 3 * 1024 * 1024;

/** `n` of the query. Throws PAGINATION_NUMBER_INVALID. */
function pageSize(exchange: Exchange): number | undefined {
  const n = exchange.query.get("n");
  if (n === null || n === "") return undefined;
  if (!/^\d{1,9}$/.test(n)) throw failure("PAGINATION_NUMBER_INVALID", { detail: { n: n.slice(0, 100) } });
  return Number(n);
}

/** The header that names the next page (RFC 5988), relative as all our locations. */
function nextPage(path: string, query: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return { Link: `<${path}?${new URLSearchParams(query)}>; rel="next"` };
}

/** One page of a listing in lexical order: one entry more than asked for is read to know whether there are more. */
function page(
  exchange: Exchange,
  path: string,
  defaultSize: number | undefined,
  read: (last: string, limit: number) => readonly string[],
): { readonly entries: readonly string[]; readonly headers: Readonly<Record<string, string>> } {
  const size = pageSize(exchange) ?? defaultSize;
  if (size === 0) return { entries: [], headers: {} };
  const found = read(exchange.query.get("last") ?? "", size === undefined ? -1 : size + 1);
  if (size === undefined || found.length <= size) return { entries: found, headers: {} };
  const entries = found.slice(0, size);
  return { entries, headers: nextPage(path, { n: String(size), last: entries.at(-1) ?? "" }) };
}

/** GET tags/list (end-8). */
export function listTags({ metadata }: DistributionServices) {
  return (exchange: Exchange): void => {
    const name = exchange.param("name");
    const repository = metadata.repositories.find(name);
    if (!repository) throw failure("NAME_UNKNOWN", { detail: { name } });
    const { entries, headers } = page(exchange, `/v2/${name}/tags/list`, undefined, (last, limit) =>
      metadata.tags.names(repository.id, last, limit),
    );
    exchange.json(200, { name, tags: entries }, headers);
  };
}

/** GET _catalog: the repositories that the caller may pull from. */
export function listCatalog({ metadata, access }: DistributionServices) {
  return (exchange: Exchange): void => {
    const visible = access.visible(exchange.caller.identity).map(({ id }) => id);
    const { entries, headers } = page(exchange, "/v2/_catalog", CATALOG_PAGE, (last, limit) =>
      metadata.repositories.names(visible, last, limit),
    );
    exchange.json(200, { repositories: entries }, headers);
  };
}

const describe = (manifest: ManifestRecord) => ({
  mediaType: manifest.mediaType,
  digest: manifest.digest,
  size: manifest.size,
  ...(manifest.annotations ? { annotations: manifest.annotations } : {}),
  ...(manifest.artifactType ? { artifactType: manifest.artifactType } : {}),
});

/** GET referrers (end-12): an index of what names this digest as its subject; an empty one when nothing does. */
export function listReferrers({ metadata }: DistributionServices) {
  return (exchange: Exchange): void => {
    const digest = parseBlobDigest(exchange.param("digest"));
    const name = exchange.param("name");
    const repository = metadata.repositories.find(name);
    const wanted = exchange.query.get("artifactType");
    const after = Number(exchange.query.get("after") ?? 0) || 0;
    const all = (repository ? metadata.manifests.referrers(repository.id, digest) : []).filter(
      ({ id, artifactType }) => id > after && (wanted === null || artifactType === wanted),
    );
    const { shown, rest } = fitting(all);
    const more = {
      after: String(shown.at(-1)?.id ?? 0),
      ...(wanted === null ? {} : { artifactType: wanted }),
    };
    const index = { schemaVersion: 2, mediaType: MEDIA_TYPES.ociIndex, manifests: shown.map(describe) };
    exchange.json(200, index, {
      "Content-Type": MEDIA_TYPES.ociIndex,
      ...(wanted === null ? {} : { "OCI-Filters-Applied": "artifactType" }),
      ...(rest ? nextPage(`/v2/${name}/referrers/${digest}`, more) : {}),
    });
  };
}

function fitting(manifests: readonly ManifestRecord[]): {
  readonly shown: readonly ManifestRecord[];
  readonly rest: boolean;
} {
  let bytes = 0;
  const end = manifests.findIndex((manifest, position) => {
    bytes += JSON.stringify(describe(manifest)).length;
    return bytes > REFERRERS_BYTES && position > 0;
  });
  return end < 0 ? { shown: manifests, rest: false } : { shown: manifests.slice(0, end), rest: true };
}
