import {
  CONFIG_LIMIT,
  DEFAULT_TAG,
  type Descriptor,
  type Platform,
  parseImageConfig,
  parseManifestOrIndex,
} from "../../oci/index.ts";
import { withRegistry } from "../../registry-client/connect.ts";
import { Repository } from "../../registry-client/repository.ts";
import type { Distribution, RemoteImage } from "../distribution.ts";
import { pullError } from "../pull/errors.ts";
import { type RegistryKit, targetOf } from "./kit.ts";
import { parseImageName } from "./name.ts";

/** What a name stands for in its registry, without fetching layers. */
export async function inspectRemote(
  kit: RegistryKit,
  name: string,
  { credentials, signal }: Parameters<Distribution["inspect"]>[1],
): Promise<RemoteImage> {
  const reference = parseImageName(name);
  const { domain, path } = reference;
  const target = targetOf(kit, domain, "pull", { credentials, signal });
  try {
    return await withRegistry(target, async (session) => {
      const repository = new Repository(session, path, "pull", signal);
      const { content, digest, mediaType } = await repository.manifest(
        reference.digest ?? reference.tag ?? DEFAULT_TAG,
      );
      const parsed = parseManifestOrIndex(content, mediaType);
      const descriptor = { mediaType: parsed.mediaType, digest, size: content.length };
      if (parsed.kind === "manifest")
        return { descriptor, platforms: [await platformOf(repository, parsed.config)] };
      const platforms = parsed.manifests.flatMap(({ platform }) => (platform ? [platform] : []));
      return { descriptor, platforms };
    });
  } catch (error) {
    throw pullError(error, reference);
  }
}

async function platformOf(repository: Repository, config: Descriptor): Promise<Platform> {
  const content = await repository.wholeBlob("the image configuration", config.digest, CONFIG_LIMIT);
  const { os, architecture, variant } = parseImageConfig(content);
  return { os, architecture, ...(variant ? { variant } : {}) };
}
