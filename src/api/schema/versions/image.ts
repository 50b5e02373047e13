import type { ImageInspect, ImageSummary } from "../image.ts";
import type { Changes } from "./index.ts";

/** The container fields that images carried before 1.50, with Go's zero values. */
const CONTAINER_FIELDS = {
  Hostname: "",
  Domainname: "",
  User: "",
  AttachStdin: false,
  AttachStdout: false,
  AttachStderr: false,
  Tty: false,
  OpenStdin: false,
  StdinOnce: false,
  Env: null,
  Cmd: null,
  Image: "",
  Volumes: null,
  WorkingDir: "",
  Entrypoint: null,
  OnBuild: null,
  Labels: null,
};

export const withVirtualSize = <T extends { readonly Size: number }>(image: T) => ({
  ...image,
  VirtualSize: image.Size,
});

/** An image without a name had one that said so. */
const withNoneNames = (image: ImageSummary): ImageSummary => {
  if (image.RepoTags.length > 0 || image.RepoDigests.length > 0) return image;
  return { ...image, RepoTags: ["<none>:<none>"], RepoDigests: ["<none>@<none>"] };
};

export const imageChanges: Changes = {
  ImageInspect: [
    {
      before: 50,
      down: (image: ImageInspect) => ({ ...image, Config: { ...CONTAINER_FIELDS, ...image.Config } }),
    },
    {
      before: 45,
      down: (image: ImageInspect) => ({
        Container: "",
        ...image,
        ContainerConfig: { ...CONTAINER_FIELDS, ...image.ContainerConfig },
      }),
    },
    {
      before: 48,
      down: ({ Manifests: _, ...image }: ImageInspect) => image,
    },
    { before: 44, down: withVirtualSize },
  ],
  ImageList: [
    {
      before: 47,
      down: (rows: readonly ImageSummary[]) => rows.map(({ Manifests: _, ...row }) => row),
    },
    { before: 44, down: (rows: readonly ImageSummary[]) => rows.map(withVirtualSize) },
    { before: 43, down: (rows: readonly ImageSummary[]) => rows.map(withNoneNames) },
  ],
};
