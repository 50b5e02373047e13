import { canonicalName, checkReference, splitReference } from "../registry/reference.ts";

/** A name of an image in a registry, in full: `docker.io/library/busybox:latest`. */
export interface FullName {
  /** The whole name, as docker keeps and shows it. */
  readonly text: string;
  readonly domain: string;
  readonly path: string;
  /** Domain and path. */
  readonly repository: string;
  /** What the registry is asked for: the tag where there is one, else the digest. */
  readonly asked: string;
  readonly digest: string | undefined;
}

/** Reads a name as people write it; without tag and digest it means `latest`. Throws Error in docker's words. */
export function fullName(written: string): FullName {
  checkReference(written);
  const canonical = canonicalName(written);
  const text = /@|:[^/]*$/.test(canonical) ? canonical : `${canonical}:latest`;
  const { name: repository } = splitReference(text);
  const slash = repository.indexOf("/");
  const digest = /@(.*)$/.exec(text)?.[1];
  const tag = /^:([^@]*)/.exec(text.slice(repository.length))?.[1];
  const asked = tag ?? digest ?? "latest";
  return {
    text,
    repository,
    domain: repository.slice(0, slash),
    path: repository.slice(slash + 1),
    asked,
    digest,
  };
}
