import type { AuditEntry } from "../audit/audit.ts";
import type { Metadata } from "../metadata/metadata.ts";
import type { Project, RetentionRule } from "../metadata/projects.ts";
import type { Tag } from "../metadata/tags.ts";
import { isImmutable } from "./immutable.ts";
import { matchesAny } from "./patterns.ts";

const DAY = 86_400_000;
const PAGE = 100_000;

/** The tags of one repository that a rule gives up. A rule without any condition keeps all. */
export function expiredTags(tags: readonly Tag[], rule: RetentionRule, now: number): readonly Tag[] {
  const { keepNewest, keepPushedWithinDays, keepPulledWithinDays } = rule;
  if (keepNewest === undefined && keepPushedWithinDays === undefined && keepPulledWithinDays === undefined)
    return [];
  const within = (time: number | undefined, days: number | undefined): boolean =>
    time !== undefined && days !== undefined && time >= now - days * DAY;
  return tags
    .filter(({ name }) => matchesAny(rule.tags ?? ["**"], name))
    .sort((one, other) => other.updated - one.updated || (one.name < other.name ? 1 : -1))
    .filter(
      (tag, position) =>
        !(keepNewest !== undefined && position < keepNewest) &&
        !within(tag.updated, keepPushedWithinDays) &&
        !within(tag.pulled, keepPulledWithinDays),
    );
}

export interface RetainOptions {
  readonly dryRun: boolean;
  readonly record: (entry: Partial<AuditEntry>) => void;
}

export interface ExpiredTag {
  readonly repository: string;
  readonly tag: string;
  readonly digest: string;
}

/** Applies a project's rule, and gives what it deletes. Immutable tags stay whatever the rule says. */
export function retainTags(
  { metadata }: { readonly metadata: Metadata },
  project: Project,
  { dryRun, record }: RetainOptions,
): readonly ExpiredTag[] {
  const rule = project.settings.retention;
  if (!rule) return [];
  const looked = metadata.repositories.ofProject(project.id).filter(({ name }) => {
    const path = name.startsWith(`${project.name}/`) ? name.slice(project.name.length + 1) : name;
    return matchesAny(rule.repositories ?? ["**"], path);
  });
  return looked.flatMap(({ id, name }) => {
    const tags = metadata.tags.summaries(id, "", "newest", 0, PAGE);
    const expired = expiredTags(tags, rule, Date.now()).filter((tag) => !isImmutable(project, tag.name));
    if (!dryRun) {
      metadata.database.transaction(() => {
        for (const tag of expired) {
          metadata.tags.delete(id, tag.name);
          record({ project: project.name, repository: name, reference: tag.name, digest: tag.digest });
        }
      });
    }
    return expired.map((tag) => ({ repository: name, tag: tag.name, digest: tag.digest }));
  });
}

const CACHE_DAYS = 7;

/** What a pull-through project has brought and nobody has asked for since: gives how many manifests went. */
export function expireCached(
  { metadata }: { readonly metadata: Metadata },
  project: Project,
  dryRun: boolean,
): number {
  const { proxy } = project.settings;
  if (!proxy) return 0;
  const before = Date.now() - (proxy.expireDays ?? CACHE_DAYS) * DAY;
  const stale = `repository IN (SELECT id FROM repositories WHERE project = ?) AND max(pushed, coalesce(pulled, 0)) < ?`;
  const { database } = metadata;
  const found = database
    .prepare(`SELECT count(*) AS n FROM manifests WHERE ${stale}`)
    .get(project.id, before);
  if (!dryRun) database.prepare(`DELETE FROM manifests WHERE ${stale}`).run(project.id, before);
  return Number(found?.["n"] ?? 0);
}
