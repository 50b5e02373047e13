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

/** What Docker shows of an image's configuration, in every version: archives of old engines carry more. */
const CONFIG_FIELDS: ReadonlySet<string> = new Set([
  ...["User", "ExposedPorts", "Env", "Entrypoint", "Cmd", "Volumes", "WorkingDir", "Labels", "StopSignal"],
  ...["ArgsEscaped", "Healthcheck", "OnBuild", "Shell"],
]);
/** An empty one of these (`CMD []`) was told from none before 1.50. */
const SHOWN_EMPTY: ReadonlySet<string> = new Set([
  ...["Env", "Entrypoint", "Cmd", "Volumes", "Labels", "OnBuild"],
]);

/** Since 1.50 only what the image sets to something is there (DockerOCIImageConfig of moby's image specification). */
function encodeImageConfig(config: object, minor: number): Readonly<Record<string, unknown>> {
  const isShown = ([name, value]: [string, unknown]) =>
    CONFIG_FIELDS.has(name) &&
    (!isEmpty(value) || (minor < 50 && typeof value === "object" && value !== null && SHOWN_EMPTY.has(name)));
  return Object.fromEntries(Object.entries(config).filter(isShown));
}

/** What the image was committed from, where that is known. */
const encodeOrigin = ({ container, container_config }: ImageView["config"]) => ({
  ...(container ? { Container: container } : {}),
  ...(container_config ? { ContainerConfig: container_config } : {}),
});

/** `minor`: the API version of the client, whose further differences are in schema/versions. */
export function encodeImageInspect(view: ImageView, minor: number): ImageInspect {
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
    Config: encodeImageConfig(config.config ?? {}, minor),
    ...(minor < 45 ? encodeOrigin(config) : {}),
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
