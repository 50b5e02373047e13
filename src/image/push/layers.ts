import type { Repository as Name } from "../../oci/index.ts";
import { withAttempts } from "../../registry-client/attempts.ts";
import { RegistryError } from "../../registry-client/errors.ts";
import type { Repository } from "../../registry-client/repository.ts";
import type { OnProgress } from "../image.ts";
import { type LayerReport, layerReport } from "../pull/report.ts";
import type { RegistryKit } from "../registry/kit.ts";
import type { KnownBlob } from "../registry/memory.ts";
import type { PushLayer, SentLayer } from "./plan.ts";
import { uploadCompressed, uploadWhole, verifiedStream } from "./upload.ts";

export interface LayerPush {
  readonly repository: Repository;
  readonly name: Name;
  readonly layers: readonly PushLayer[];
  readonly onProgress: OnProgress;
  readonly signal: AbortSignal;
}

/** Other repositories asked for a layer, at most: each costs a request. */
const MOUNT_LIMIT = 3;

/** Sends what the registry lacks, several layers at once. The first failure stops the others. */
export async function pushLayers(kit: RegistryKit, push: LayerPush): Promise<readonly SentLayer[]> {
  const stop = new AbortController();
  const signal = AbortSignal.any([push.signal, stop.signal]);
  const reports = new Map(
    push.layers.toReversed().map(({ diffId }) => [diffId, layerReport(diffId, push.onProgress)]),
  );
  for (const report of reports.values()) report.status("Preparing");
  [...reports.values()].slice(kit.settings().maxUploads).forEach((report) => {
    report.status("Waiting");
  });
  let failure: unknown;
  // The same layer may be in an image several times; it is sent once.
  const sending = new Map<string, Promise<SentLayer>>();
  for (const layer of push.layers.toReversed()) {
    if (sending.has(layer.diffId)) continue;
    const report = reports.get(layer.diffId) as LayerReport;
    const sent = kit.uploads.run(() => pushLayer(kit, { ...push, signal }, layer, report), signal);
    sent.catch((error: unknown) => {
      failure ??= error;
      stop.abort();
    });
    sending.set(layer.diffId, sent);
  }
  await Promise.allSettled(sending.values());
  if (failure !== undefined) throw failure;
  return Promise.all(push.layers.map(({ diffId }) => sending.get(diffId) as Promise<SentLayer>));
}

async function pushLayer(
  kit: RegistryKit,
  push: LayerPush,
  layer: PushLayer,
  report: LayerReport,
): Promise<SentLayer> {
  push.signal.throwIfAborted();
  if (layer.isForeign) {
    report.status("Skipped foreign layer");
    return { digest: layer.blob, size: layer.size, mediaType: layer.mediaType };
  }
  const settings = kit.settings();
  const onRetry = (seconds: number) =>
    report.status(`Retrying in ${seconds} second${seconds === 1 ? "" : "s"}`);
  const sent = await withAttempts({ settings, signal: push.signal, onRetry }, async () => {
    const present = await findPresent(kit, push, layer);
    if (present) {
      report.status("Layer already exists");
      return present;
    }
    return send(kit, push, layer, report);
  });
  const { domain, path } = push.name;
  kit.memory.remember({ ...sent, diffId: layer.diffId, domain, path });
  return sent;
}

/** The layer as the repository has it already. A compressed form of it counts, whatever made it. */
async function findPresent(
  kit: RegistryKit,
  push: LayerPush,
  layer: PushLayer,
): Promise<SentLayer | undefined> {
  const { blob: digest, size, mediaType } = layer;
  if (!layer.compress)
    return (await push.repository.hasBlob(digest)) === undefined ? undefined : { digest, size, mediaType };
  for (const known of compressedForms(kit, push, layer)) {
    if (known.path !== push.name.path) continue;
    if ((await push.repository.hasBlob(known.digest)) === known.size) return asSent(known, layer);
    kit.memory.forget(known);
  }
  return undefined;
}

const compressedForms = (
  kit: RegistryKit,
  { name }: LayerPush,
  { diffId, mediaType }: PushLayer,
): readonly KnownBlob[] =>
  kit.memory
    .find(diffId, name.domain, name.path)
    .filter((known) => known.mediaType === mediaType || known.mediaType.endsWith("tar+gzip"));

const asSent = ({ digest, size }: KnownBlob, { mediaType }: PushLayer): SentLayer => ({
  digest,
  size,
  mediaType,
});

async function send(
  kit: RegistryKit,
  push: LayerPush,
  layer: PushLayer,
  report: LayerReport,
): Promise<SentLayer> {
  const { repository, signal } = push;
  const mounted = await mount(kit, push, layer, report);
  if ("sent" in mounted) return mounted.sent;
  const address = mounted.upload;
  const { blob, size, mediaType } = layer;
  const onBytes = (current: number) => report.bar("Pushing", current, size);
  onBytes(0);
  const upload = { repository, signal, onBytes };
  if (layer.compress) {
    const done = await uploadCompressed(kit, upload, address, blob);
    report.status("Pushed");
    return { ...done, mediaType };
  }
  await uploadWhole(upload, address, { digest: blob, size, open: () => verifiedStream(kit.blobs, blob) });
  report.status("Pushed");
  return { digest: blob, size, mediaType };
}

/** Takes the layer over from another repository of the registry where one is known to have it, else starts an upload. */
async function mount(
  kit: RegistryKit,
  push: LayerPush,
  layer: PushLayer,
  report: LayerReport,
): Promise<{ readonly sent: SentLayer } | { readonly upload: URL }> {
  const { repository, name } = push;
  const forms = layer.compress
    ? compressedForms(kit, push, layer)
    : kit.memory.find(layer.diffId, name.domain, name.path);
  const others = forms
    .filter(({ path, digest }) => path !== name.path && (layer.compress || digest === layer.blob))
    .sort((a, b) => nearness(b.path, name.path) - nearness(a.path, name.path));
  let upload: URL | undefined;
  for (const known of others.slice(0, MOUNT_LIMIT)) {
    const result = await tryMount(repository, known);
    if (result === undefined) continue;
    if (upload) await abandon(repository, upload);
    if (result === "mounted") {
      report.status(`Mounted from ${known.path}`);
      return { sent: asSent(known, layer) };
    }
    upload = result;
  }
  return { upload: upload ?? ((await repository.startUpload()) as URL) };
}

/** Registries clear away in time what is left open: one that refuses to do it now is no reason to fail. */
async function abandon(repository: Repository, upload: URL): Promise<void> {
  try {
    await repository.cancelUpload(upload);
  } catch (error) {
    if (!(error instanceof RegistryError)) throw error;
  }
}

/** How many leading components two repositories' names share: who is near is rather there, and may rather be read. */
function nearness(one: string, other: string): number {
  const names = other.split("/");
  const different = one.split("/").findIndex((name, index) => name !== names[index]);
  return different < 0 ? names.length : different;
}

/** A registry that will not let us look into the other repository is no reason to fail: the layer is sent then. */
async function tryMount(
  repository: Repository,
  { digest, path }: KnownBlob,
): Promise<URL | "mounted" | undefined> {
  try {
    return await repository.startUpload({ digest, from: path });
  } catch (error) {
    if (error instanceof RegistryError && error.status < 500) return undefined;
    throw error;
  }
}
