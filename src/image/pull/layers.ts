import { hasKind } from "../../base/errors.ts";
import { chainIds, type Descriptor, type Digest } from "../../oci/index.ts";
import type { BlobLease } from "../content/blobs.ts";
import type { OnProgress } from "../image.ts";
import type { LayerLease } from "../layers/read-only-layers.ts";
import type { RegistryKit } from "../registry/kit.ts";
import type { Repository } from "../registry/repository.ts";
import { type DownloadReport, download } from "./download.ts";
import { type LayerReport, layerReport } from "./report.ts";

export interface PulledLayer {
  readonly descriptor: Descriptor;
  readonly diffId: Digest;
}

export interface LayerPull {
  readonly repository: Repository;
  readonly layers: readonly PulledLayer[];
  readonly leases: { readonly blobs: BlobLease; readonly layers: LayerLease };
  readonly onProgress: OnProgress;
  readonly signal: AbortSignal;
}

/**
 * Fetches the layers that are missing, several at once, and unpacks each as soon as it and those below it are there.
 * The first failure stops the others.
 */
export async function pullLayers(kit: RegistryKit, pull: LayerPull): Promise<void> {
  const stop = new AbortController();
  const signal = AbortSignal.any([pull.signal, stop.signal]);
  let failure: unknown;
  const fail = (error: unknown) => {
    failure ??= error;
    stop.abort();
  };
  const present = presentLayers(kit, pull);
  const reports = pull.layers.map(({ descriptor }) => layerReport(descriptor.digest, pull.onProgress));
  reports.forEach((report, index) => {
    report.status(index < present ? "Already exists" : "Pulling fs layer");
  });
  const downloads = pull.layers.map(async ({ descriptor }, index) => {
    if (index < present) return false;
    return fetchLayer(kit, pull, descriptor, reports[index] as LayerReport, signal);
  });
  for (const promise of downloads) promise.catch(fail);
  try {
    let parent = pull.layers.length > 0 ? chainOf(pull)[present - 1] : undefined;
    for (const [index, layer] of pull.layers.entries()) {
      if (index < present) continue;
      const isFresh = (await downloads[index]) ?? false;
      const report = reports[index] as LayerReport;
      parent = await unpackLayer(kit, { ...pull, signal }, layer, { parent, isFresh, report });
    }
  } catch (error) {
    fail(error);
  } finally {
    await Promise.allSettled(downloads);
  }
  if (failure !== undefined) throw failure;
}

const chainOf = ({ layers }: LayerPull): readonly Digest[] => chainIds(layers.map(({ diffId }) => diffId));

/** How many layers, from the lowest, are unpacked already. They are held, so that they stay. */
function presentLayers(kit: RegistryKit, pull: LayerPull): number {
  const missing = chainOf(pull).findIndex((chainId) => {
    pull.leases.layers.hold(chainId);
    const row = kit.layerTable.layer(chainId);
    // Content that was found damaged is gone: the layer is fetched again, though it need not be unpacked.
    return row === undefined || !kit.blobs.has(row.blob);
  });
  return missing < 0 ? pull.layers.length : missing;
}

const downloadReport = (report: LayerReport, total: number): DownloadReport => ({
  onBytes: (current) => report.bar("Downloading", current, total),
  onVerify: () => report.status("Verifying Checksum"),
  onRetry: (seconds) => report.status(`Retrying in ${seconds} second${seconds === 1 ? "" : "s"}`),
});

async function fetchLayer(
  kit: RegistryKit,
  { repository, leases }: LayerPull,
  descriptor: Descriptor,
  report: LayerReport,
  signal: AbortSignal,
  again = false,
): Promise<boolean> {
  const isFresh = await download(kit, {
    repository,
    descriptor,
    lease: leases.blobs,
    signal,
    report: downloadReport(report, descriptor.size),
    again,
  });
  report.status("Download complete");
  return isFresh;
}

async function unpackLayer(
  kit: RegistryKit,
  pull: LayerPull,
  { descriptor, diffId }: PulledLayer,
  {
    parent,
    isFresh,
    report,
  }: { readonly parent: Digest | undefined; readonly isFresh: boolean; readonly report: LayerReport },
): Promise<Digest> {
  const wanted = { parent, diffId, blob: descriptor.digest };
  const ensure = () => {
    let current = 0;
    const onBytes = (count: number) => {
      current += count;
      report.bar("Extracting", current, descriptor.size);
    };
    return kit.layers.ensure(wanted, pull.leases.layers, { signal: pull.signal, onBytes });
  };
  const row = await ensure().catch(async (error: unknown) => {
    // Content that lay in the store may have been damaged there; what was just verified cannot have been.
    if (isFresh || !hasKind(error, "invalidParameter")) throw error;
    await fetchLayer(kit, pull, descriptor, report, pull.signal, true);
    return ensure();
  });
  report.status("Pull complete");
  return row.chainId;
}
