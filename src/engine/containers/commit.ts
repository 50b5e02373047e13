import type { Image } from "../../image/index.ts";
import {
  type Digest,
  familiarName,
  type HistoryEntry,
  type ImageConfig,
  type ImageProcessConfig,
  parseReference,
} from "../../oci/index.ts";
import { publishImage } from "../images/publish.ts";
import type { Container } from "./container.ts";
import type { ContainerConfig } from "./documents.ts";
import { refuseGone } from "./export.ts";
import { alone, type Kit } from "./kit.ts";
import { mergeConfig } from "./merge-config.ts";
import { whilePaused } from "./pause.ts";
import { publish } from "./publish.ts";

export interface CommitRequest {
  readonly container: string;
  /** May carry the tag, and be empty for an image without a name. */
  readonly repository: string;
  readonly tag: string;
  readonly comment: string;
  readonly author: string;
  /** Freeze its processes meanwhile. */
  readonly pause: boolean;
  /** Dockerfile instructions. */
  readonly changes: readonly string[];
  /** What the new image's configuration starts from; empty or absent: the container's own. */
  readonly config: ContainerConfig | undefined;
}

/** The part of a container's configuration that images have. Pure. */
export function imageConfigOf(config: ContainerConfig): ImageProcessConfig {
  return {
    ...(config.User ? { User: config.User } : {}),
    ...(config.ExposedPorts && Object.keys(config.ExposedPorts).length > 0
      ? { ExposedPorts: config.ExposedPorts }
      : {}),
    Env: config.Env ?? null,
    Cmd: config.Cmd ?? null,
    ...(config.Healthcheck ? { Healthcheck: config.Healthcheck } : {}),
    ...(config.Volumes && Object.keys(config.Volumes).length > 0 ? { Volumes: config.Volumes } : {}),
    WorkingDir: config.WorkingDir ?? "",
    Entrypoint: config.Entrypoint ?? null,
    ...(config.OnBuild ? { OnBuild: config.OnBuild } : {}),
    Labels: config.Labels ?? null,
    ...(config.StopSignal ? { StopSignal: config.StopSignal } : {}),
    ...(config.StopTimeout == null ? {} : { StopTimeout: config.StopTimeout }),
    ...(config.Shell ? { Shell: config.Shell } : {}),
  };
}

async function configFor(kit: Kit, container: Container, request: CommitRequest) {
  const own = container.record.document.config;
  const asked = request.config && Object.keys(request.config).length > 0 ? request.config : own;
  const changed = await kit.applyChanges(imageConfigOf(asked), request.changes);
  return imageConfigOf(mergeConfig(changed, imageConfigOf(own)));
}

/** The configuration of the new image: its base's, one layer and one history entry more. Pure. */
export function committedConfig(
  base: ImageConfig,
  config: ImageProcessConfig,
  entry: HistoryEntry,
  diffId: Digest | undefined,
  origin: Pick<ImageConfig, "container" | "container_config">,
): ImageConfig {
  const author = entry.author || base.author;
  return {
    ...base,
    created: entry.created,
    ...(author ? { author } : {}),
    ...(entry.comment ? { comment: entry.comment } : {}),
    ...origin,
    config,
    rootfs: {
      type: "layers",
      diff_ids: diffId === undefined ? base.rootfs.diff_ids : [...base.rootfs.diff_ids, diffId],
    },
    history: [
      ...(base.history ?? []),
      {
        created: entry.created,
        created_by: entry.created_by,
        ...(author ? { author } : {}),
        ...(entry.comment ? { comment: entry.comment } : {}),
        ...(diffId === undefined ? { empty_layer: true } : {}),
      },
    ],
  };
}

async function makeImage(kit: Kit, container: Container, request: CommitRequest, target: string | undefined) {
  const { image, config } = container.record.document;
  const base: Image = kit.images.resolve(image);
  const processConfig = await configFor(kit, container, request);
  const hasChanges = (await kit.layers.changes(container.id)).length > 0;
  const layer = hasChanges ? await kit.layers.commit(container.id) : undefined;
  const entry: HistoryEntry = {
    created: new Date().toISOString(),
    created_by: (config.Cmd ?? []).join(" "),
    author: request.author,
    comment: request.comment,
  };
  return kit.images.create({
    config: committedConfig(base.config, processConfig, entry, layer?.diffId, {
      container: container.id,
      container_config: { ...config },
    }),
    parent: base.id,
    references: target === undefined ? [] : [target],
  });
}

/** Makes an image of the container's files and configuration; its id. Volumes stay out, as in every image. */
export async function commit(kit: Kit, request: CommitRequest): Promise<Digest> {
  const container = kit.table.resolve(request.container);
  const { repository, tag, comment } = request;
  const target = repository === "" ? undefined : tag === "" ? repository : `${repository}:${tag}`;
  if (target !== undefined) parseReference(target);
  const id = await alone(kit, container, async () => {
    refuseGone(container, "commit");
    const make = () => makeImage(kit, container, request, target);
    return request.pause && container.state.status === "running" ? whilePaused(kit, container, make) : make();
  });
  const imageRef = target === undefined ? "" : familiarName(parseReference(target));
  publishImage(kit, "create", id, id);
  if (target !== undefined) publishImage(kit, "tag", id, imageRef);
  publish(kit, container, "commit", { comment, imageID: id, imageRef });
  return id;
}
