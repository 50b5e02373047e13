import type { Readable } from "node:stream";
import { invalidParameter } from "../../base/errors.ts";
import type { OnProgress, Progress, RemoteImage, RemovedImage } from "../../image/index.ts";
import { familiarName, parseReference } from "../../oci/index.ts";
import { type CommitRequest, commit } from "../containers/commit.ts";
import type { Kit } from "../containers/kit.ts";
import type { Filters, ImageView } from "../views.ts";
import { imageFilter, onlyWanted } from "./filters.ts";
import { progressStream } from "./progress.ts";
import { pruneImages } from "./prune.ts";
import {
  inspectRemote,
  type LoginFields,
  login,
  type PullOptions,
  type PushOptions,
  pull,
  push,
} from "./registry.ts";
import { publishRemoved, userOf } from "./removal.ts";
import { containersByImage, imageView, imageViews } from "./view.ts";

export interface HistoryView {
  readonly id: string;
  readonly created: string;
  readonly createdBy: string;
  readonly tags: readonly string[];
  readonly size: number;
  readonly comment: string;
}

export interface ImageVerbs {
  list(options: { readonly all: boolean; readonly filters: Filters }): readonly ImageView[];
  inspect(reference: string): ImageView;
  history(reference: string): readonly HistoryView[];
  tag(reference: string, repository: string, tag: string): Promise<void>;
  remove(
    reference: string,
    options: { readonly force: boolean; readonly noPrune: boolean },
  ): Promise<readonly RemovedImage[]>;
  prune(filters: Filters): Promise<{ readonly deleted: readonly RemovedImage[]; readonly reclaimed: number }>;
  load(
    body: Readable,
    options: { readonly quiet: boolean },
    signal: AbortSignal,
  ): AsyncIterable<ProgressLine>;
  save(references: readonly string[], signal: AbortSignal): AsyncIterable<Uint8Array>;
  import(body: Readable, options: ImportOptions, signal: AbortSignal): AsyncIterable<ProgressLine>;
  pull(options: PullOptions, signal: AbortSignal): AsyncIterable<ProgressLine>;
  push(options: PushOptions, signal: AbortSignal): AsyncIterable<ProgressLine>;
  login(fields: LoginFields, signal: AbortSignal): Promise<string>;
  inspectRemote(name: string, auth: string | undefined, signal: AbortSignal): Promise<RemoteImage>;
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
}
async function remove(
  kit: Kit,
  reference: string,
  options: { readonly force: boolean; readonly noPrune: boolean },
) {
  const { id } = kit.images.resolve(reference);
  const removed = await kit.images.remove(reference, { ...options, usedBy: (image) => userOf(kit, image) });
  publishRemoved(kit, removed, id);
  return removed;
}

async function tag(kit: Kit, reference: string, repository: string, name: string): Promise<void> {
  const target = name === "" ? repository : `${repository}:${name}`;
  const shown = familiarName(parseReference(target));
  const { id } = kit.images.resolve(reference);
  kit.images.tag(reference, target);
  kit.events.publish("image", "tag", id, { name: shown });
}

/** "Loaded image" lines, as `docker load` prints them. */
async function load(
  kit: Kit,
  body: Readable,
  signal: AbortSignal,
  onProgress: OnProgress | undefined,
): Promise<void> {
  const loaded = await kit.images.load(body, { onProgress, signal });
  for (const id of loaded) kit.events.publish("image", "load", id, { name: id });
}

async function importImage(
  kit: Kit,
  body: Readable,
  options: ImportOptions,
  signal: AbortSignal,
): Promise<Progress> {
  const { repository, tag: name } = options;
  if (repository === "" && name !== "") throw invalidParameter("a tag needs a repository");
  // The stock client sends "repo:tag" as the repository and no tag.
  const reference = name === "" ? repository || undefined : `${repository}:${name}`;
  const config = await kit.applyChanges({}, options.changes);
  const id = await kit.images.import({
    source: body,
    config,
    reference,
    message: options.message || undefined,
    platform: options.platform,
    signal,
  });
  kit.events.publish("image", "import", id, { name: reference ?? id });
  return { status: id };
}

function history(kit: Kit, reference: string): readonly HistoryView[] {
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
    list: ({ all, filters }) =>
      imageViews(kit)
        .filter(imageFilter(kit, filters, all))
        .map((image) => onlyWanted(image, filters.get("reference") ?? [])),
    inspect: (reference) => {
      const image = kit.images.resolve(reference);
      const folders = image.chainId === undefined ? [] : kit.layers.stack(image.chainId);
      return { ...imageView(image, containersByImage(kit).get(image.id) ?? 0), folders };
    },
    history: (reference) => history(kit, reference),
    tag: (reference, repository, name) => tag(kit, reference, repository, name),
    remove: (reference, options) => remove(kit, reference, options),
    prune: (filters) => pruneImages(kit, filters),
    load: (body, { quiet }, signal) =>
      progressStream((onProgress) =>
        load(kit, body, signal, quiet ? ({ stream }) => stream && onProgress({ stream }) : onProgress),
      ),
    save: (references, signal) => kit.images.save(references, signal),
    import: (body, options, signal) =>
      progressStream(async (onProgress) => onProgress(await importImage(kit, body, options, signal))),
    pull: (options, signal) => progressStream((onProgress) => pull(kit, options, onProgress, signal)),
    push: (options, signal) => progressStream((onProgress) => push(kit, options, onProgress, signal)),
    login: (fields, signal) => login(kit, fields, signal),
    inspectRemote: (name, auth, signal) => inspectRemote(kit, name, auth, signal),
    commit: (request) => commit(kit, request),
  };
}
