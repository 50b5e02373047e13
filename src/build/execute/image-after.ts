import { formatPlatform, type HistoryEntry, type ImageConfig, type Platform } from "../../oci/index.ts";
import type { Step } from "../plan/index.ts";
import type { BuiltLayer, KnownImage } from "../ports.ts";

/** Where a stage stands: an image, or nothing yet (FROM scratch). */
export type Position = Pick<KnownImage, "config" | "chainId"> & { readonly id?: KnownImage["id"] };

/** The start of a stage without a base. */
export const emptyPosition = ({ os, architecture, variant }: Platform): Position => ({
  config: {
    architecture,
    os,
    ...(variant ? { variant } : {}),
    rootfs: { type: "layers", diff_ids: [] },
    history: [],
  },
});

/** What a position is known by as the parent of a step: its image, or the platform that it is nothing yet for. */
export const parentOf = ({ id, config }: Position): string => id ?? `scratch for ${formatPlatform(config)}`;

/** The words of a step's history entry. `files` is what the step copied. */
export const createdBy = (step: Step, files: string): string =>
  step.createdBy.replace("{files}", () => files);

/** The configuration of the image that a step makes; `made` says when and how. */
export function configAfter(
  before: ImageConfig,
  step: Step,
  layer: BuiltLayer | undefined,
  made: HistoryEntry,
): ImageConfig {
  const author = step.author ?? before.author;
  const { created, created_by } = made;
  const entry: HistoryEntry = {
    created,
    created_by,
    ...(author ? { author } : {}),
    ...(layer ? {} : { empty_layer: true }),
  };
  return {
    architecture: before.architecture,
    os: before.os,
    ...(before.variant ? { variant: before.variant } : {}),
    ...(before["os.version"] ? { "os.version": before["os.version"] } : {}),
    ...(before["os.features"] ? { "os.features": before["os.features"] } : {}),
    created,
    ...(author ? { author } : {}),
    config: step.config,
    rootfs: { type: "layers", diff_ids: [...before.rootfs.diff_ids, ...(layer ? [layer.diffId] : [])] },
    history: [...(before.history ?? []), entry],
  };
}
