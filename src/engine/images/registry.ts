import { invalidParameter } from "../../base/errors.ts";
import {
  type Credentials,
  credentialsOf,
  decodeAuthHeader,
  type OnProgress,
  type RemoteImage,
} from "../../image/index.ts";
import {
  familiarName,
  familiarRepository,
  isDigest,
  type Platform,
  parseReference,
} from "../../oci/index.ts";
import type { Kit } from "../containers/kit.ts";
import { findForPlatform } from "./find.ts";
import { publishImage } from "./publish.ts";

export interface PullOptions {
  readonly image: string;
  /** A tag or a digest; "": what `image` says, and every tag when it says nothing. */
  readonly tag: string;
  readonly platform: string | undefined;
  /** The `X-Registry-Auth` header. */
  readonly auth: string | undefined;
}

export interface PushOptions {
  readonly image: string;
  /** "": every tag. */
  readonly tag: string;
  /** Refused when the image is for another one. */
  readonly platform: Platform | undefined;
  readonly auth: string | undefined;
}

/** What `docker login` sends. */
export interface LoginFields {
  readonly username?: string;
  readonly password?: string;
  readonly auth?: string;
  readonly identitytoken?: string;
  readonly registrytoken?: string;
  readonly serveraddress?: string;
}

/** Name and tag come apart; a digest may stand for the tag, and then decides alone. */
function joined(image: string, tag: string): string {
  if (tag === "") return image;
  if (isDigest(tag)) return `${image}@${tag}`;
  const { domain, path, digest } = parseReference(image);
  if (digest !== undefined) return image;
  return `${domain}/${path}:${tag}`;
}

/** `docker pull`. */
export async function pull(
  kit: Kit,
  { image, tag, platform, auth }: PullOptions,
  onProgress: OnProgress,
  signal: AbortSignal,
): Promise<void> {
  const name = joined(image, tag);
  const reference = parseReference(name);
  const credentials = decodeAuthHeader(auth);
  const ids = await kit.distribution.pull({
    name,
    platform: platform || undefined,
    credentials,
    onProgress,
    signal,
  });
  const [first] = ids;
  if (first) publishImage(kit, "pull", first, familiarRepository(reference), familiarName(reference));
}

/** `docker push`. */
export async function push(
  kit: Kit,
  { image, tag, platform, auth }: PushOptions,
  onProgress: OnProgress,
  signal: AbortSignal,
): Promise<void> {
  const parsed = parseReference(image);
  const name = tag === "" ? familiarRepository(parsed) : `${familiarRepository(parsed)}:${tag}`;
  if (platform !== undefined) findForPlatform(kit, name, platform);
  await kit.distribution.push({ name, credentials: decodeAuthHeader(auth), onProgress, signal });
  const isPushed = (own: string) => own === name || own.startsWith(`${name}:`);
  const pushed = kit.images.list().find(({ repoTags }) => repoTags.some(isPushed));
  if (pushed) publishImage(kit, "push", pushed.id, familiarRepository(parsed), name);
}

/** `docker login`: whether the registry takes the credentials; a refresh token if it gives one, else "". */
export function login(kit: Kit, fields: LoginFields, signal: AbortSignal): Promise<string> {
  const credentials: Credentials = credentialsOf({ ...fields });
  return kit.distribution.login(fields.serveraddress ?? "", { credentials, signal });
}

/** `GET /distribution/{name}/json`. */
export function inspectRemote(
  kit: Kit,
  name: string,
  auth: string | undefined,
  signal: AbortSignal,
): Promise<RemoteImage> {
  if (name === "") throw invalidParameter("a name is needed");
  return kit.distribution.inspect(name, { credentials: decodeAuthHeader(auth), signal });
}
