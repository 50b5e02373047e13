import { invalidParameter } from "../../base/errors.ts";
import {
  CONFIG_LIMIT,
  DEFAULT_TAG,
  type Descriptor,
  digestOf,
  type Platform,
  parseImageConfig,
  parseManifestOrIndex,
} from "../../oci/index.ts";
import { withRegistry } from "../../registry-client/connect.ts";
import { Repository } from "../../registry-client/repository.ts";
import type { Distribution, RemoteImage } from "../distribution.ts";
import { pullError } from "../pull/errors.ts";
import type { RegistryKit } from "./kit.ts";
import { parseImageName } from "./name.ts";

/** What a name stands for in its registry, without fetching layers. */
export async function inspectRemote(
  kit: RegistryKit,
  name: string,
  { credentials, signal }: Parameters<Distribution["inspect"]>[1],
): Promise<RemoteImage> {
  const reference = parseImageName(name);
  const { domain, path } = reference;
  const target = {
    domain,
    purpose: "pull",
    credentials,
    settings: kit.settings(),
    log: kit.log,
    signal,
  } as const;
  try {
    return await withRegistry(target, async (session) => {
      const repository = new Repository(session, path, "pull", signal);
      const { content, digest, mediaType } = await repository.manifest(
        reference.digest ?? reference.tag ?? DEFAULT_TAG,
      );
      const parsed = parseManifestOrIndex(content, mediaType);
      const descriptor = { mediaType: parsed.mediaType, digest, size: content.length };
      if (parsed.kind === "manifest")
        return { descriptor, platforms: [await platformOf(repository, parsed.config, signal)] };
      const platforms = parsed.manifests.flatMap(({ platform }) => (platform ? [platform] : []));
      return { descriptor, platforms };
    });
  } catch (error) {
    throw pullError(error, reference);
  }
}

async function platformOf(
  repository: Repository,
  config: Descriptor,
  signal: AbortSignal,
): Promise<Platform> {
  const { body } = await repository.blob(config.digest, 0, signal);
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body) {
    size += chunk.length;
    if (size > CONFIG_LIMIT) throw invalidParameter("the image configuration is too large");
    chunks.push(chunk);
  }
  const content = Buffer.concat(chunks);
  if (digestOf(content) !== config.digest)
    throw invalidParameter(`the image configuration does not match its digest ${config.digest}`);
  const { os, architecture, variant } = parseImageConfig(content);
  return { os, architecture, ...(variant ? { variant } : {}) };
}
