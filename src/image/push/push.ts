import { notFound } from "../../base/errors.ts";
import {
  digestOf,
  familiarName,
  familiarRepository,
  parseReference,
  type Reference,
  repositoryName,
} from "../../oci/index.ts";
import { withAttempts } from "../../registry-client/attempts.ts";
import { withRegistry } from "../../registry-client/connect.ts";
import { Repository } from "../../registry-client/repository.ts";
import type { TransferRequest } from "../distribution.ts";
import { refusedLogin } from "../pull/errors.ts";
import { type RegistryKit, targetOf } from "../registry/kit.ts";
import { parseImageName } from "../registry/name.ts";
import { catalogName } from "../store/find-image.ts";
import { pushLayers } from "./layers.ts";
import { encodeManifest, type PushPlan, planPush } from "./plan.ts";
import { fromBytes, uploadWhole } from "./upload.ts";

/** `docker push`. */
export async function pushImages(kit: RegistryKit, request: TransferRequest): Promise<void> {
  const name = parseImageName(request.name);
  const { signal, onProgress } = request;
  const references = localReferences(kit, name);
  onProgress({ status: `The push refers to repository [${repositoryName(name)}]` });
  const target = targetOf(kit, name.domain, "push", request);
  try {
    await withRegistry(target, async (session) => {
      const repository = new Repository(session, name.path, "pull,push", signal);
      for (const reference of references) await pushOne(kit, repository, reference, request);
    });
  } catch (error) {
    throw refusedLogin(error);
  }
}

/** The names to push: one tag, or every tag of the repository. Throws notFound. */
function localReferences(kit: RegistryKit, name: Reference): readonly Reference[] {
  if (name.digest !== undefined) throw notFound("cannot push a digest reference: push a tag");
  if (name.tag !== undefined) {
    if (kit.images.reference(catalogName(name))) return [name];
    throw notFound(`An image does not exist locally with the tag: ${familiarRepository(name)}`);
  }
  const tags = kit.images.referencesIn(repositoryName(name)).map((row) => parseReference(row.name));
  const found = tags.filter(({ digest }) => digest === undefined);
  if (found.length > 0) return found;
  throw notFound(`An image does not exist locally with the tag: ${familiarName(name)}`);
}

async function pushOne(
  kit: RegistryKit,
  repository: Repository,
  reference: Reference,
  { onProgress, signal }: TransferRequest,
): Promise<void> {
  const id = kit.images.reference(catalogName(reference))?.image;
  const image = id && kit.images.get(id);
  if (!image) throw notFound(`tag does not exist: ${familiarName(reference)}`);
  await using blobs = kit.blobs.lease();
  using held = kit.layers.lease();
  if (image.chainId !== undefined) held.hold(image.chainId);
  const plan = await planPush(kit, image, blobs);
  const layers = await pushLayers(kit, {
    repository,
    name: reference,
    layers: plan.layers,
    onProgress,
    signal,
  });
  await pushConfig(kit, repository, plan, signal);
  const manifest = plan.manifest ?? encodeManifest(image, layers);
  const tag = reference.tag ?? "";
  await repository.putManifest(tag, manifest.content, manifest.mediaType);
  const [digest, size] = [digestOf(manifest.content), manifest.content.length];
  const { domain, path } = reference;
  const byDigest: Reference = { domain, path, digest };
  kit.images.setReference({
    name: catalogName(byDigest),
    repository: repositoryName(reference),
    image: image.id,
  });
  onProgress({ status: `${tag}: digest: ${digest} size: ${size}` });
  onProgress({ aux: { Tag: tag, Digest: digest, Size: size } });
}

async function pushConfig(
  kit: RegistryKit,
  repository: Repository,
  { image }: PushPlan,
  signal: AbortSignal,
): Promise<void> {
  const { id: digest, config } = image;
  await withAttempts({ settings: kit.settings(), signal }, async () => {
    if ((await repository.hasBlob(digest)) !== undefined) return;
    const address = (await repository.startUpload()) as URL;
    const content = { digest, size: config.length, open: () => fromBytes(config) };
    await uploadWhole({ repository, signal, onBytes: () => undefined }, address, content);
  });
}
