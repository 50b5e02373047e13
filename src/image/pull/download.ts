import { rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { errnoOf, invalidParameter } from "../../base/errors.ts";
import { type Descriptor, hexOf } from "../../oci/index.ts";
import { withAttempts } from "../../registry-client/attempts.ts";
import { ConnectionError } from "../../registry-client/errors.ts";
import type { Repository } from "../../registry-client/repository.ts";
import type { BlobLease } from "../content/blobs.ts";
import { diskFull, isDiskFull } from "../disk-full.ts";
import type { RegistryKit } from "../registry/kit.ts";
import { Partial } from "./partial.ts";

/** What a download tells while it goes on. */
export interface DownloadReport {
  readonly onBytes: (current: number) => void;
  readonly onVerify: () => void;
  readonly onRetry: (seconds: number) => void;
}

export interface Download {
  readonly repository: Repository;
  readonly descriptor: Descriptor;
  readonly lease: BlobLease;
  readonly signal: AbortSignal;
  readonly report: DownloadReport;
  /** Fetch it although it is stored: what is stored is damaged. */
  readonly again?: boolean;
}

/**
 * Brings a blob into the store, unless it is there: what an earlier try left is kept and only the rest is asked for.
 * Nothing is visible before its digest was found right. Returns whether anything was fetched.
 */
export function download(kit: RegistryKit, wanted: Download): Promise<boolean> {
  const { descriptor, lease, signal, again = false } = wanted;
  return kit.fetching.run(descriptor.digest, async () => {
    signal.throwIfAborted();
    lease.hold(descriptor.digest);
    if (!again && kit.blobs.size(descriptor.digest) === descriptor.size) return false;
    await kit.downloads.run(() => fetchBlob(kit, wanted), signal);
    return true;
  });
}

async function fetchBlob(
  kit: RegistryKit,
  { repository, descriptor, signal, report }: Download,
): Promise<void> {
  const path = join(kit.partials, hexOf(descriptor.digest));
  try {
    await using partial = await Partial.open(path, descriptor.size);
    const isOld = partial.size > 0;
    const fetchRest = () =>
      withAttempts({ settings: kit.settings(), signal, onRetry: report.onRetry }, () =>
        receive(partial, repository, descriptor, signal, report),
      );
    await fetchRest();
    report.onVerify();
    if (partial.digest() !== descriptor.digest && isOld) {
      // What lay there from before may have been the wrong part: the whole is fetched once more.
      await partial.restart();
      await fetchRest();
    }
    await verify(partial, descriptor);
    await partial.sync();
  } catch (error) {
    if (isDiskFull(error)) throw diskFull(`cannot store image content in ${kit.partials}`, error);
    throw error;
  }
  const target = kit.blobs.ingestPath();
  await rename(path, target);
  await kit.blobs.adopt(target, descriptor.digest);
}

async function receive(
  partial: Partial,
  repository: Repository,
  { digest, size }: Descriptor,
  signal: AbortSignal,
  report: DownloadReport,
): Promise<void> {
  if (partial.size === size && size > 0) return;
  const { from, body } = await repository.blob(digest, partial.size, signal);
  if (from !== partial.size) await partial.restart();
  try {
    for await (const chunk of body) {
      if (partial.size + chunk.length > size) {
        await partial.restart();
        throw invalidParameter(`content of ${digest} is longer than the ${size} bytes it was announced with`);
      }
      await partial.append(chunk);
      report.onBytes(partial.size);
    }
  } catch (error) {
    body.destroy();
    throw isNetwork(error) ? new ConnectionError(`the download of ${digest} broke off`, error) : error;
  }
  if (partial.size < size)
    throw new ConnectionError(`the download of ${digest} ended too early: unexpected EOF`);
}

/** Failures of the stream itself have no system call; failures of the disk do. */
const isNetwork = (error: unknown): boolean =>
  error instanceof Error &&
  "code" in error &&
  (errnoOf(error) === "ECONNRESET" || !("syscall" in error) || String(error.syscall) === "read");

async function verify(partial: Partial, { digest }: Descriptor): Promise<void> {
  const found = partial.digest();
  if (found === digest) return;
  await rm(partial.path, { force: true });
  throw invalidParameter(`filesystem layer verification failed for digest ${digest}: found ${found}`);
}
