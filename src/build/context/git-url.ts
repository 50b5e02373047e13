import { invalidParameter } from "../../base/errors.ts";

/** A git repository as a build names it. */
export interface GitUrl {
  /** What git itself is given. */
  readonly remote: string;
  /** Branch, tag or commit; "" for the repository's own choice. */
  readonly ref: string;
  /** Folder of the repository to take, "" for all of it. */
  readonly folder: string;
  /** Hex digits the commit must begin with. */
  readonly checksum?: string;
  readonly keepGitDir?: boolean;
}

const SCP_FORM = /^[\w.-]+@[\w.-]+:[^/].*$/;
const HTTP_REPOSITORY = /^https?:\/\/[^?#]+\.git(?:[?#]|$)/;
const OTHER_SCHEME = /^(?:git|ssh):\/\//;
const SHORT_FORM = /^github\.com\//;

/** Whether a text names a git repository: by its scheme, by ".git" at its end, or as git@host:path. */
export const isGitUrl = (text: string): boolean =>
  OTHER_SCHEME.test(text) || HTTP_REPOSITORY.test(text) || SCP_FORM.test(text);

/** As `isGitUrl`; `POST /build?remote=` also takes "github.com/...". */
export const isGitRemote = (text: string): boolean => isGitUrl(text) || SHORT_FORM.test(text);

const QUERY = ["ref", "branch", "tag", "subdir", "checksum", "commit", "keep-git-dir", "submodules"];

/**
 * Reads "URL#ref:folder", or "URL?branch=...&subdir=..." (Dockerfile reference, "ADD from a Git repository"). Throws
 * invalidParameter, also for anything git could take for an option.
 */
export function parseGitUrl(text: string): GitUrl {
  const hash = text.indexOf("#");
  const [address, fragment] = hash < 0 ? [text, ""] : [text.slice(0, hash), text.slice(hash + 1)];
  const mark = address.indexOf("?");
  const remote = SHORT_FORM.test(address)
    ? `https://${address}`
    : mark < 0
      ? address
      : address.slice(0, mark);
  const query = mark < 0 ? new Map<string, string>() : readQuery(address.slice(mark + 1), text);
  const colon = fragment.indexOf(":");
  const [ref, folder] = colon < 0 ? [fragment, ""] : [fragment.slice(0, colon), fragment.slice(colon + 1)];
  const keep = query.get("keep-git-dir");
  return {
    remote: checkRemote(remote),
    ref: checkRef(ref || refOf(query)),
    folder: checkFolder(folder || (query.get("subdir") ?? "")),
    checksum: query.get("checksum") ?? query.get("commit"),
    keepGitDir: keep === undefined ? undefined : keep !== "false" && keep !== "0",
  };
}

function readQuery(text: string, url: string): Map<string, string> {
  const query = new Map(new URLSearchParams(text));
  const unknown = [...query.keys()].find((key) => !QUERY.includes(key));
  if (unknown !== undefined) throw invalidParameter(`unexpected query "${unknown}" in the git URL ${url}`);
  return query;
}

function refOf(query: ReadonlyMap<string, string>): string {
  const [branch, tag] = [query.get("branch"), query.get("tag")];
  if (branch) return `refs/heads/${branch}`;
  return tag ? `refs/tags/${tag}` : (query.get("ref") ?? "");
}

function checkRemote(remote: string): string {
  if (remote.startsWith("-") || /[\0\n\r]/.test(remote)) throw invalidParameter(`invalid git URL: ${remote}`);
  return remote;
}

function checkRef(ref: string): string {
  if (ref === "" || (/^[\w./+@-]+$/.test(ref) && !ref.startsWith("-") && !ref.includes(".."))) return ref;
  throw invalidParameter(`invalid git reference: ${ref}`);
}

function checkFolder(folder: string): string {
  const parts = folder.split("/").filter((part) => part !== "" && part !== ".");
  if (parts.includes("..")) throw invalidParameter(`the folder ${folder} lies outside of the git repository`);
  return parts.join("/");
}
