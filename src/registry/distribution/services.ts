import type { Access } from "../access/access.ts";
import type { Contents } from "../content/contents.ts";
import type { Uploads } from "../content/uploads.ts";
import type { Exchange } from "../http/exchange.ts";
import type { Journal } from "../journal/journal.ts";
import type { Metadata } from "../metadata/metadata.ts";
import type { Project } from "../metadata/projects.ts";
import type { BlobDigest } from "./digest.ts";

/** Fetches from upstream what a pull-through project does not have yet. */
export interface PullThrough {
  /** Brings the manifest up to date; gives a warning for the client where upstream could not be asked. */
  manifest(project: Project, name: string, reference: string): Promise<string | undefined>;
  /** Fetches a content and keeps it; "sent": the client has been answered with it already. */
  blob(
    exchange: Exchange,
    project: Project,
    name: string,
    digest: BlobDigest,
  ): Promise<"sent" | "stored" | "unknown">;
}

/** What the distribution API works with. */
export interface DistributionServices {
  readonly metadata: Metadata;
  readonly access: Access;
  readonly contents: Contents;
  readonly uploads: Uploads;
  readonly journal: Journal;
  readonly pullThrough: PullThrough;
  /** How long a content stays after a client last asked for it, without any manifest, in milliseconds. */
  readonly leaseTime: number;
}
