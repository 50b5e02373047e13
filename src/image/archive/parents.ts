import type { HistoryEntry, ImageConfig } from "../../oci/index.ts";

/**
 * Whether an image may name another as its parent in an archive: by Docker's rule its history is that of the parent and
 * one step more. So parents never lead in a circle.
 */
export function isStepAbove(child: ImageConfig, parent: ImageConfig): boolean {
  const [steps, below] = [child.history ?? [], parent.history ?? []];
  const isLonger = steps.length === below.length + 1;
  const { diff_ids: layers } = child.rootfs;
  return (
    isLonger &&
    below.every((step, index) => sameStep(step, steps[index])) &&
    parent.rootfs.diff_ids.every((diffId, index) => diffId === layers[index])
  );
}

function sameStep(one: HistoryEntry, other: HistoryEntry | undefined): boolean {
  const fields = ["created", "author", "created_by", "comment", "empty_layer"] as const;
  return fields.every((field) => (one[field] || undefined) === (other?.[field] || undefined));
}
