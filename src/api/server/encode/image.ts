import { dirname, join } from "node:path";
import type { GraphDriver, ImageInspect, ImageSummary } from "../../schema/image.ts";
import type { ImageView } from "../ports.ts";
import { unixSeconds } from "./container.ts";
import { ZERO_TIME } from "./container-state.ts";

export function encodeImageSummary(view: ImageView, withShared: boolean): ImageSummary {
  return {
    Containers: view.containers,
    Created: unixSeconds(view.config.created),
    Id: view.id,
    Labels: view.config.config?.Labels ?? null,
    ParentId: view.parent,
    RepoDigests: view.repoDigests,
    RepoTags: view.repoTags,
    SharedSize: withShared ? (view.sharedSize ?? -1) : -1,
    Size: view.size,
    ...(view.manifests ? { Manifests: view.manifests } : {}),
  };
}

/** The layers' folders as overlay2 users know them. */
function encodeGraph(folders: readonly string[], name: string): GraphDriver {
  const [top, ...lower] = folders;
  if (top === undefined) return { Data: null, Name: name };
  const home = dirname(top);
  return {
    Data: {
      ...(lower.length > 0 ? { LowerDir: lower.join(":") } : {}),
      MergedDir: join(home, "merged"),
      UpperDir: top,
      WorkDir: join(home, "work"),
    },
    Name: name,
  };
}

const isEmpty = (value: unknown): boolean =>
  value === undefined ||
  value === null ||
  value === "" ||
  value === false ||
  (typeof value === "object" && Object.keys(value).length === 0);

/** Since 1.50 only what the image sets is there. */
const encodeImageConfig = (config: ImageView["config"]["config"]): Readonly<Record<string, unknown>> =>
  Object.fromEntries(
    // An empty command is one: the image was told to have none (CMD []).
    Object.entries(config ?? {}).filter(([name, value]) => !isEmpty(value) || (name === "Cmd" && value)),
  );

export function encodeImageInspect(view: ImageView): ImageInspect {
  const { config } = view;
  const lastHistory = config.history?.at(-1);
  return {
    Id: view.id,
    RepoTags: view.repoTags,
    RepoDigests: view.repoDigests,
    Parent: view.parent,
    Comment: config.comment ?? lastHistory?.comment ?? "",
    ...(config.created === undefined ? {} : { Created: config.created }),
    DockerVersion: config.docker_version ?? "",
    Author: config.author ?? "",
    Config: encodeImageConfig(config.config),
    Architecture: config.architecture,
    ...(config.variant ? { Variant: config.variant } : {}),
    Os: config.os,
    ...(config["os.version"] ? { OsVersion: config["os.version"] } : {}),
    Size: view.size,
    GraphDriver: encodeGraph(view.folders, view.driver ?? "overlay2"),
    RootFS: { Type: config.rootfs.type, Layers: config.rootfs.diff_ids },
    Metadata: { LastTagTime: view.lastTagged ?? ZERO_TIME },
    ...(view.manifests ? { Manifests: view.manifests } : {}),
  };
}
