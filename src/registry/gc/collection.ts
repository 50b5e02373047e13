import { flag, json, number, optionalNumber, type Row, text } from "../metadata/rows.ts";

export interface CollectOptions {
  readonly by: string;
  /** Says what would go, and changes nothing. */
  readonly dryRun: boolean;
  /** Manifests without a tag, that no other manifest refers to, go too. */
  readonly untagged: boolean;
}

export const PHASES = ["uploads", "retention", "untagged", "links", "contents", "orphans"] as const;

/** How far a collection has come, or what it did. */
export interface CollectResult {
  readonly phase?: (typeof PHASES)[number];
  readonly uploads: number;
  readonly tags: number;
  readonly manifests: number;
  readonly links: number;
  readonly contents: number;
  /** Files nobody knew (left by a crash). */
  readonly orphans: number;
  readonly bytes: number;
  readonly error?: string;
}

export interface Collection extends CollectResult {
  readonly id: number;
  readonly started: number;
  readonly ended: number | null;
  readonly by: string;
  readonly dryRun: boolean;
  readonly state: "running" | "done" | "failed" | "interrupted";
}

export const NOTHING: CollectResult = {
  uploads: 0,
  tags: 0,
  manifests: 0,
  links: 0,
  contents: 0,
  orphans: 0,
  bytes: 0,
};

export const asCollection = (row: Row): Collection => ({
  ...NOTHING,
  ...json<CollectResult>(row, "result"),
  id: number(row, "id"),
  started: number(row, "started"),
  ended: optionalNumber(row, "ended") ?? null,
  by: text(row, "started_by"),
  dryRun: flag(row, "dry_run"),
  state: text(row, "state") as Collection["state"],
});

/** Of a row `link`: no manifest of its repository uses the content. */
export const UNUSED_LINK = `NOT EXISTS (SELECT 1 FROM manifest_references AS used JOIN manifests AS user ON user.id = used.manifest
  WHERE used.digest = link.digest AND user.repository = link.repository)`;
export const UNUSED_CONTENT = `NOT EXISTS (SELECT 1 FROM repository_blobs WHERE repository_blobs.digest = blobs.digest)
  AND NOT EXISTS (SELECT 1 FROM manifests WHERE manifests.digest = blobs.digest)`;
