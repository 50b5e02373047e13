import type { BlobDigest } from "../distribution/digest.ts";
import { failure } from "../http/errors.ts";
import type { Metadata } from "../metadata/metadata.ts";
import type { Project } from "../metadata/projects.ts";
import { matchesAny } from "./patterns.ts";

export const isImmutable = (project: Project, tag: string): boolean =>
  matchesAny(project.settings.immutableTags ?? [], tag);

/**
 * Throws DENIED where the project's rules forbid to set the tag to `digest` (undefined: to delete it). A tag that is
 * new, or set to what it already names, is never in the way.
 */
export function checkMovable(
  metadata: Metadata,
  project: Project,
  repository: { readonly id: number },
  tag: string,
  digest: BlobDigest | undefined,
): void {
  if (!isImmutable(project, tag)) return;
  const current = metadata.tags.find(repository.id, tag);
  if (!current || current.digest === digest) return;
  throw failure("DENIED", {
    message: `tag ${tag} is immutable in project ${project.name}: it cannot be ${digest ? "moved" : "deleted"}`,
    detail: { tag },
  });
}
