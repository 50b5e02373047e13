import { hasKind } from "../../base/errors.ts";
import { chainIds, type Descriptor, type Digest } from "../../oci/index.ts";
import type { Repository } from "../../registry-client/repository.ts";
import type { BlobLease } from "../content/blobs.ts";
import type { OnProgress } from "../image.ts";
import { ensureStack, type StackedLayer } from "../layers/ensure-stack.ts";
import type { LayerLease } from "../layers/read-only-layers.ts";
import type { RegistryKit } from "../registry/kit.ts";
import { type DownloadReport, download } from "./download.ts";
import { type LayerReport, layerReport } from "./report.ts";

export interface PulledLayer {
  readonly descriptor: Descriptor;
  readonly diffId: Digest;
}

export interface LayerPull {
  readonly repository: Repository;
  readonly layers: readonly PulledLayer[];
  /** The store has the image: as with Docker, only layers that it has lost are worth a line. */
  readonly isKnown: boolean;
  readonly leases: { readonly blobs: BlobLease; readonly layers: LayerLease };
  readonly onProgress: OnProgress;
  readonly signal: AbortSignal;
}

/**
 * Fetches the layers that are missing and unpacks each as soon as it is there, several at once.
 * The first failure stops the others.
 */
export async function pullLayers(kit: RegistryKit, pull: LayerPull): Promise<void> {
  const present = presentLayers(kit, pull);
  const layers = pull.layers.map(({ descriptor, diffId }, index) => {
    const report = layerReport(descriptor.digest, pull.onProgress);
    const isPresent = index < present;
    if (!isPresent) report.status("Pulling fs layer");
    else if (!pull.isKnown) report.status("Already exists");
    return { descriptor, diffId, blob: descriptor.digest, report, isPresent };
  });
  await ensureStack(layers, pull, async (layer, { signal }) => {
    if (layer.isPresent) return;
    const stoppable = { ...pull, signal };
    const isFresh = await fetchLayer(kit, stoppable, layer.descriptor, layer.report, signal);
    await unpackLayer(kit, stoppable, { ...layer, isFresh });
  });
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

interface ArrivedLayer extends StackedLayer {
  readonly descriptor: Descriptor;
  readonly report: LayerReport;
  /** Fetched just now, and so verified just now. */
  readonly isFresh: boolean;
}

async function unpackLayer(kit: RegistryKit, pull: LayerPull, layer: ArrivedLayer): Promise<void> {
  const { descriptor, report, isFresh } = layer;
  const ensure = () => {
    let current = 0;
    const onBytes = (count: number) => {
      current += count;
      report.bar("Extracting", current, descriptor.size);
    };
    return kit.layers.ensure(layer, pull.leases.layers, { signal: pull.signal, onBytes });
  };
  await ensure().catch(async (error: unknown) => {
    // Content that lay in the store may have been damaged there; what was just verified cannot have been.
    if (isFresh || !hasKind(error, "invalidParameter")) throw error;
    await fetchLayer(kit, pull, descriptor, report, pull.signal, true);
    return ensure();
  });
  report.status("Pull complete");
}
