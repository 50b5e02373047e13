import { invalidParameter } from "../../base/errors.ts";
import type { Finding, OnProgress, Progress, RemoteImage, RemovedImage } from "../../image/index.ts";
import { type Digest, familiarName, type Platform, parseReference } from "../../oci/index.ts";
import { type CommitRequest, commit } from "../containers/commit.ts";
import type { Kit } from "../containers/kit.ts";
import type { Filters, ImageView } from "../views.ts";
import { findForPlatform, onePlatform } from "./find.ts";
import { type ListOptions, listImages } from "./list.ts";
import { progressStream } from "./progress.ts";
import { pruneImages } from "./prune.ts";
import { publishImage } from "./publish.ts";
import {
  inspectRemote,
  type LoginFields,
  login,
  type PullOptions,
  type PushOptions,
  pull,
  push,
} from "./registry.ts";
import { removalEvents, userOf } from "./removal.ts";
import { type FoundImage, type SearchOptions, search } from "./search.ts";
import { containersByImage, imageView, manifestsOf } from "./view.ts";

export interface HistoryView {
  readonly id: string;
  readonly created: string;
  readonly createdBy: string;
  readonly tags: readonly string[];
  readonly size: number;
  readonly comment: string;
}

export interface ImageVerbs {
  list(options: ListOptions): Promise<readonly ImageView[]>;
  inspect(reference: string, options: InspectOptions): Promise<ImageView>;
  history(reference: string, platform: Platform | undefined): readonly HistoryView[];
  tag(reference: string, repository: string, tag: string): Promise<void>;
  /** Publishes that a build made an image. */
  announce(id: Digest): void;
  /** Publishes that bytes of the build cache were freed. */
  announceCachePrune(reclaimed: number): void;
  remove(reference: string, options: RemoveOptions): Promise<readonly RemovedImage[]>;
  prune(filters: Filters): Promise<{ readonly deleted: readonly RemovedImage[]; readonly reclaimed: number }>;
  load(
    body: AsyncIterable<Uint8Array>,
    options: { readonly quiet: boolean; readonly platform: Platform | undefined },
    signal: AbortSignal,
  ): AsyncIterable<ProgressLine>;
  save(
    references: readonly string[],
    platform: Platform | undefined,
    signal: AbortSignal,
  ): AsyncIterable<Uint8Array>;
  search(options: SearchOptions, signal: AbortSignal): Promise<readonly FoundImage[]>;
  import(
    body: AsyncIterable<Uint8Array>,
    options: ImportOptions,
    signal: AbortSignal,
  ): AsyncIterable<ProgressLine>;
  pull(options: PullOptions, signal: AbortSignal): AsyncIterable<ProgressLine>;
  push(options: PushOptions, signal: AbortSignal): AsyncIterable<ProgressLine>;
  login(fields: LoginFields, signal: AbortSignal): Promise<string>;
  inspectRemote(name: string, auth: string | undefined, signal: AbortSignal): Promise<RemoteImage>;
  verify(signal: AbortSignal): AsyncIterable<Finding>;
  commit(request: CommitRequest): Promise<string>;
}

export type ProgressLine = Readonly<Record<string, unknown>>;

export interface ImportOptions {
  readonly repository: string;
  readonly tag: string;
  readonly message: string;
  /** Dockerfile instructions. */
  readonly changes: readonly string[];
  readonly platform: string | undefined;
  /** An address to fetch the archive from instead of the body. */
  readonly url: string | undefined;
}

export interface InspectOptions {
  readonly platform: Platform | undefined;
  readonly manifests: boolean;
}

export interface RemoveOptions {
  readonly force: boolean;
  readonly noPrune: boolean;
  /** At most one: the image's own. */
  readonly platforms: readonly Platform[];
}

async function inspect(
  kit: Kit,
  reference: string,
  { platform, manifests }: InspectOptions,
): Promise<ImageView> {
  const image = findForPlatform(kit, reference, platform);
  const users = containersByImage(kit).get(image.id) ?? [];
  const { driver } = kit.layers;
  const hasFolders = image.chainId !== undefined && driver === "overlay2";
  const folders = hasFolders ? kit.layers.stack(image.chainId) : [];
  const view = { ...imageView(image, users.length), folders, driver };
  return manifests ? { ...view, manifests: await manifestsOf(kit, view, users) } : view;
}

async function remove(kit: Kit, reference: string, { force, noPrune, platforms }: RemoveOptions) {
  const { id } = findForPlatform(kit, reference, onePlatform(platforms));
  const usedBy = (image: typeof id) => userOf(kit, image);
  return kit.images.remove(reference, { force, noPrune, usedBy, ...removalEvents(kit) });
}

async function tag(kit: Kit, reference: string, repository: string, name: string): Promise<void> {
  const target = name === "" ? repository : `${repository}:${name}`;
  const shown = familiarName(parseReference(target));
  const { id } = kit.images.resolve(reference);
  kit.images.tag(reference, target);
  publishImage(kit, "tag", id, shown);
}

/** "Loaded image" lines, as `docker load` prints them. */
async function load(
  kit: Kit,
  body: AsyncIterable<Uint8Array>,
  platform: Platform | undefined,
  signal: AbortSignal,
  onProgress: OnProgress | undefined,
): Promise<void> {
  const loaded = await kit.images.load(body, { onProgress, signal, platform });
  for (const id of loaded) publishImage(kit, "load", id, id);
}

async function importImage(
  kit: Kit,
  body: AsyncIterable<Uint8Array>,
  options: ImportOptions,
  signal: AbortSignal,
  onProgress: OnProgress,
): Promise<Progress> {
  const { repository, tag: name, url } = options;
  if (repository === "" && name !== "") throw invalidParameter("a tag needs a repository");
  // The stock client sends "repo:tag" as the repository and no tag.
  const reference = name === "" ? repository || undefined : `${repository}:${name}`;
  const config = await kit.applyChanges({}, options.changes);
  const id = await kit.images.import({
    source: url === undefined ? body : await kit.distribution.fetch(url, { signal, onProgress }),
    origin: url,
    config,
    reference,
    message: options.message || undefined,
    platform: options.platform,
    signal,
  });
  if (reference !== undefined) publishImage(kit, "tag", id, familiarName(parseReference(reference)));
  publishImage(kit, "import", id, id);
  return { status: id };
}

/** Throws before the first byte; told of when the last has gone out. */
async function* save(
  kit: Kit,
  references: readonly string[],
  platform: Platform | undefined,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array> {
  const chosen = references.flatMap((reference) =>
    kit.images.chosenFor(reference).map((id) => findForPlatform(kit, id, platform, reference)),
  );
  yield* kit.images.save(references, signal);
  for (const id of new Set(chosen.map((image) => image.id))) publishImage(kit, "save", id, id);
}

function history(kit: Kit, reference: string, platform: Platform | undefined): readonly HistoryView[] {
  findForPlatform(kit, reference, platform);
  return kit.images
    .history(reference)
    .map(({ id, created = "", created_by = "", tags, size, comment = "" }) => ({
      id,
      created,
      createdBy: created_by,
      tags,
      size,
      comment,
    }));
}

export function createImages(kit: Kit): ImageVerbs {
  return {
    list: (options) => listImages(kit, options),
    inspect: (reference, options) => inspect(kit, reference, options),
    history: (reference, platform) => history(kit, reference, platform),
    announce: (id) => publishImage(kit, "create", id, id),
    announceCachePrune: (reclaimed) =>
      kit.events.publish("builder", "prune", "", { reclaimed: String(reclaimed) }),
    tag: (reference, repository, name) => tag(kit, reference, repository, name),
    remove: (reference, options) => remove(kit, reference, options),
    prune: (filters) => pruneImages(kit, filters),
    load: (body, { quiet, platform }, signal) =>
      progressStream((onProgress) =>
        load(
          kit,
          body,
          platform,
          signal,
          quiet ? ({ stream }) => stream && onProgress({ stream }) : onProgress,
        ),
      ),
    save: (references, platform, signal) => save(kit, references, platform, signal),
    search: (options, signal) => search(kit, options, signal),
    import: (body, options, signal) =>
      progressStream(async (onProgress) =>
        onProgress(await importImage(kit, body, options, signal, onProgress)),
      ),
    pull: (options, signal) => progressStream((onProgress) => pull(kit, options, onProgress, signal)),
    push: (options, signal) => progressStream((onProgress) => push(kit, options, onProgress, signal)),
    login: (fields, signal) => login(kit, fields, signal),
    inspectRemote: (name, auth, signal) => inspectRemote(kit, name, auth, signal),
    verify: (signal) => kit.images.verify(signal),
    commit: (request) => commit(kit, request),
  };
}
