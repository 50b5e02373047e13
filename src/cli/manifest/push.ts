import { messageOf } from "../../base/errors.ts";
import { digestOf, parseDigest } from "../../oci/index.ts";
import type { Repository } from "../../registry-client/repository.ts";
import type { Screen } from "../tty/style.ts";
import { blobsOf, type ImageManifest, makeList, payload } from "./document.ts";
import { type FullName, fullName } from "./name.ts";
import type { Remote } from "./remote.ts";

/**
 * Pushes a list and, before it, the manifests that are in other repositories of its registry: their blobs are mounted
 * from there. Says each of them, and the list's digest at the end. A push that fails leaves no list behind.
 */
export async function pushList(
  remote: Remote,
  list: FullName,
  manifests: readonly ImageManifest[],
  out: Screen,
): Promise<void> {
  const unknown = manifests.find(({ descriptor: { platform } }) => !platform?.os || !platform.architecture);
  if (unknown !== undefined)
    throw new Error(`manifest ${unknown.ref} must have an OS and Architecture to be pushed to a registry`);
  const { mediaType, text } = makeList(manifests, list.domain);
  const elsewhere = manifests.filter(({ ref }) => fullName(ref).path !== list.path);
  const contents = elsewhere.map((manifest) => ({ manifest, content: payload(manifest) }));
  await remote.writing(list, async (repository) => {
    for (const manifest of elsewhere) await mountBlobs(repository, manifest, list);
    for (const { manifest, content } of contents) {
      const { digest, mediaType: type } = manifest.descriptor;
      const ref = `${list.repository}@${digest}`;
      await put(repository, ref, digest, content, type);
      out.write(`Pushed ref ${ref} with digest: ${digest}\n`);
    }
    const content = Buffer.from(text);
    await put(repository, list.text, list.asked, content, mediaType);
    out.write(`${digestOf(content)}\n`);
  });
}

async function put(
  repository: Repository,
  ref: string,
  asked: string,
  content: Buffer,
  mediaType: string,
): Promise<void> {
  try {
    await repository.putManifest(asked, content, mediaType);
  } catch (error) {
    throw new Error(`failed to put manifest ${ref}: ${messageOf(error)}`, { cause: error });
  }
}

async function mountBlobs(repository: Repository, manifest: ImageManifest, list: FullName): Promise<void> {
  const { path } = fullName(manifest.ref);
  for (const digest of blobsOf(manifest)) {
    const upload = await repository.startUpload({ digest: parseDigest(digest), from: path });
    if (upload === "mounted") continue;
    await repository.cancelUpload(upload);
    // Layers of Windows may be kept elsewhere by the registry's leave.
    if (manifest.descriptor.platform?.os !== "windows")
      throw new Error(`error mounting ${path}@${digest} to ${list.text}`);
  }
}
