import { invalidParameter } from "../base/errors.ts";
import { parseDigest } from "./digest.ts";
import type { Digest } from "./image-config.ts";

/** A parsed image name, complete: the registry's domain, the repository's path, and at least a tag or a digest. */
export interface Reference {
  /** Host and optional port of the registry, e.g. "docker.io", "localhost:5000". */
  readonly domain: string;
  /** Path of the repository there, e.g. "library/nginx". */
  readonly path: string;
  readonly tag?: string;
  readonly digest?: Digest;
}

/** A repository without tag and digest, as `docker pull -a` and `docker push -a` take it. */
export type Repository = Pick<Reference, "domain" | "path">;

export const DEFAULT_DOMAIN = "docker.io";
export const DEFAULT_TAG = "latest";
const OFFICIAL_PREFIX = "library/";
const NAME_LIMIT = 255;
/** More than any valid reference needs (name, tag and digest): longer text is refused before any pattern sees it. */
const TEXT_LIMIT = 1024;

const LABEL = "[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?";
const DOMAIN = new RegExp(`^(?:${LABEL}(?:\\.${LABEL})*|\\[[a-fA-F0-9:]+\\])(?::[0-9]+)?$`);
const COMPONENT = /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*$/;
const TAG = /^\w[\w.-]{0,127}$/;
const DIGEST = /^[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,}$/;
const FULL_ID = /^[a-f0-9]{64}$/;

const badFormat = (detail = "") => invalidParameter(`invalid reference format${detail ? `: ${detail}` : ""}`);

/**
 * Reads an image name with Docker's rules (distribution reference grammar and its normalisation): "nginx" becomes
 * docker.io/library/nginx:latest; name, tag and digest may come together. Throws invalidParameter.
 */
export function parseReference(text: string): Reference {
  const parsed = parseParts(text);
  return parsed.tag === undefined && parsed.digest === undefined ? { ...parsed, tag: DEFAULT_TAG } : parsed;
}

/** Reads a name that must have neither tag nor digest. Throws invalidParameter. */
export function parseRepository(text: string): Repository {
  const { domain, path, tag, digest } = parseParts(text);
  if (tag !== undefined || digest !== undefined)
    throw badFormat(`expected a repository without tag or digest: ${text}`);
  return { domain, path };
}

function parseParts(text: string): Reference {
  if (text.length > TEXT_LIMIT) throw badFormat();
  if (FULL_ID.test(text)) {
    throw badFormat(`invalid repository name (${text}), cannot specify 64-byte hexadecimal strings`);
  }
  const { domain, remainder } = splitDomain(text);
  const lowerPart = remainder.split(":", 1)[0] ?? "";
  if (lowerPart !== lowerPart.toLowerCase())
    throw badFormat(`repository name (${lowerPart}) must be lowercase`);
  const { path, tag, digest } = splitSuffixes(remainder);
  checkName(domain, path);
  return {
    domain,
    path,
    ...(tag === undefined ? {} : { tag: checkTag(tag) }),
    ...(digest === undefined ? {} : { digest: checkDigest(digest) }),
  };
}

/** The first component is a registry only if it looks like a host: it has a dot, a port or capitals, or is localhost. */
function splitDomain(text: string): { readonly domain: string; readonly remainder: string } {
  const slash = text.indexOf("/");
  const head = text.slice(0, Math.max(slash, 0));
  const isHost = slash > 0 && looksLikeHost(head);
  const named = isHost ? head : DEFAULT_DOMAIN;
  const domain = named === "index.docker.io" ? DEFAULT_DOMAIN : named;
  const remainder = isHost ? text.slice(slash + 1) : text;
  const official = domain === DEFAULT_DOMAIN && !remainder.includes("/");
  return { domain, remainder: official ? OFFICIAL_PREFIX + remainder : remainder };
}

const looksLikeHost = (text: string): boolean =>
  /[.:]/.test(text) || text === "localhost" || text !== text.toLowerCase();

function splitSuffixes(text: string): {
  readonly path: string;
  readonly tag?: string;
  readonly digest?: string;
} {
  const at = text.indexOf("@");
  const named = at < 0 ? text : text.slice(0, at);
  const digest = at < 0 ? undefined : text.slice(at + 1);
  const colon = named.indexOf(":");
  return colon < 0
    ? { path: named, digest }
    : { path: named.slice(0, colon), tag: named.slice(colon + 1), digest };
}

function checkName(domain: string, path: string): void {
  if (!DOMAIN.test(domain)) throw badFormat();
  if (!path.split("/").every((component) => COMPONENT.test(component))) throw badFormat();
  if (domain.length + 1 + path.length > NAME_LIMIT) {
    throw invalidParameter(`repository name must not be more than ${NAME_LIMIT} characters`);
  }
}

function checkTag(tag: string): string {
  if (!TAG.test(tag)) throw badFormat();
  return tag;
}

function checkDigest(digest: string): Digest {
  if (!DIGEST.test(digest)) throw badFormat();
  return parseDigest(digest);
}

/** True for text that is a valid tag. */
export const isTag = (text: string): boolean => TAG.test(text);

const suffix = ({ tag, digest }: Pick<Reference, "tag" | "digest">): string =>
  `${tag === undefined ? "" : `:${tag}`}${digest === undefined ? "" : `@${digest}`}`;

/** "docker.io/library/nginx": the full name of the repository. */
export const repositoryName = ({ domain, path }: Repository): string => `${domain}/${path}`;

/** The full name, e.g. "docker.io/library/nginx:latest": what the catalog keeps. */
export const canonicalName = (reference: Reference): string => repositoryName(reference) + suffix(reference);

/**
 * The short form people use for a repository: without the default registry and its "library". The registry stays
 * where the path alone would be read as a host (docker.io/a.b/c).
 */
export function familiarRepository({ domain, path }: Repository): string {
  if (domain !== DEFAULT_DOMAIN) return `${domain}/${path}`;
  const short = path.slice(OFFICIAL_PREFIX.length);
  if (path.startsWith(OFFICIAL_PREFIX) && !short.includes("/")) return short;
  return looksLikeHost(path.split("/", 1)[0] ?? "") ? `${domain}/${path}` : path;
}

/** The short form people use, e.g. "nginx:latest". Reading it again gives the same reference. */
export const familiarName = (reference: Reference): string =>
  familiarRepository(reference) + suffix(reference);
