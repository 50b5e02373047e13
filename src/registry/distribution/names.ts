import { failure } from "../http/errors.ts";

/** The distribution-spec's grammar of repository names ("Pulling manifests"). */
const NAME = /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*(?:\/[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*)*$/;
const NAME_LIMIT = 255;
const TAG = /^[a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}$/;
/** The project of repositories whose name has one component ("busybox"). */
export const DEFAULT_PROJECT = "library";

export const isRepositoryName = (text: string): boolean => text.length <= NAME_LIMIT && NAME.test(text);

/** Throws NAME_INVALID. */
export function parseName(text: string): string {
  if (isRepositoryName(text)) return text;
  throw failure("NAME_INVALID", { detail: { name: text.slice(0, NAME_LIMIT) } });
}

export const isTagName = (text: string): boolean => TAG.test(text);

export function parseTag(text: string): string {
  if (isTagName(text)) return text;
  throw failure("TAG_INVALID", { detail: { tag: text.slice(0, 200) } });
}

/** A project is the first component of the names in it. */
export function projectOf(name: string): string {
  const slash = name.indexOf("/");
  return slash < 0 ? DEFAULT_PROJECT : name.slice(0, slash);
}

/** A project's name: one component of a repository name. */
export const isProjectName = (text: string): boolean =>
  text.length <= 100 && !text.includes("/") && NAME.test(text);
