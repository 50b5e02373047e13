import type { Step } from "../plan/index.ts";
import type { BuilderParts } from "../ports.ts";
import type { Position } from "./image-after.ts";
import { resolveOwner } from "./owner.ts";
import { RootFolder } from "./root-folder.ts";
import { openWorkspace } from "./snapshot.ts";

/** Whether a step's layer depends on nothing below it (COPY and ADD with `--link`). */
export const isLinked = ({ action }: Step): boolean => action.kind === "transfer" && action.link;

const IDS = /^\d+(?::\d+)?$/;

/**
 * A linked step sees no files below it, so names in `--chown` become numbers first; those are what its layer depends
 * on. Throws invalidParameter for names that the image before it does not know.
 */
export async function withOwnerIds(parts: BuilderParts, step: Step, before: Position): Promise<Step> {
  const { action } = step;
  if (action.kind !== "transfer" || !action.link || action.chown === undefined || IDS.test(action.chown))
    return step;
  await using below = await openWorkspace(parts.layers, before.chainId);
  using root = new RootFolder(parts.files, below.rootfs);
  const { uid, gid } = resolveOwner(action.chown, root);
  return { ...step, action: { ...action, chown: `${uid}:${gid}` } };
}
