import type { ImageSummary } from "../../api/schema/image.ts";
import type { Fields } from "./fields.ts";
import type { Listing } from "./listing.ts";
import { formatAge, formatBytes, formatSize, formatTime, shortId } from "./units.ts";

/** One line of a list of images: an image under one of its names. */
export interface NamedImage {
  readonly image: ImageSummary;
  readonly repository: string;
  readonly tag: string;
  readonly digest: string;
}

const NONE = "<none>";

function splitTag(name: string): readonly [string, string] {
  const at = name.lastIndexOf(":");
  return at < 0 ? [name, NONE] : [name.slice(0, at), name.slice(at + 1)];
}

function splitDigest(name: string): readonly [string, string] {
  const at = name.indexOf("@");
  return at < 0 ? [name, NONE] : [name.slice(0, at), name.slice(at + 1)];
}

/** An image once for each tag; with digests, once for each pair of tag and digest of a repository. */
export function namedImages(image: ImageSummary, digests: boolean): readonly NamedImage[] {
  const tags = (image.RepoTags ?? []).map(splitTag).filter(([repository]) => repository !== NONE);
  const known = (image.RepoDigests ?? []).map(splitDigest).filter(([repository]) => repository !== NONE);
  if (tags.length === 0 && known.length === 0) return [{ image, repository: NONE, tag: NONE, digest: NONE }];
  const repositories = [...new Set([...tags, ...known].map(([repository]) => repository))];
  return repositories.flatMap((repository) => {
    const own = tags.filter(([name]) => name === repository).map(([, tag]) => tag);
    const ownDigests = known.filter(([name]) => name === repository).map(([, digest]) => digest);
    if (!digests)
      return own.length > 0
        ? own.map((tag) => ({ image, repository, tag, digest: NONE }))
        : [{ image, repository, tag: NONE, digest: NONE }];
    const [pairTags, pairDigests] = [
      own.length > 0 ? own : [NONE],
      ownDigests.length > 0 ? ownDigests : [NONE],
    ];
    return pairTags.flatMap((tag) => pairDigests.map((digest) => ({ image, repository, tag, digest })));
  });
}

export const imageFields = (cut: boolean): Fields<NamedImage> => ({
  Containers: {
    header: "CONTAINERS",
    make: ({ image }) => (image.Containers === -1 ? "N/A" : String(image.Containers)),
  },
  CreatedAt: { header: "CREATED AT", make: ({ image }) => formatTime(image.Created) },
  CreatedSince: {
    header: "CREATED",
    make: ({ image }) =>
      image.Created < -62_135_596_799 ? "N/A" : formatAge(Date.now() / 1000 - image.Created),
  },
  Digest: { header: "DIGEST", make: ({ digest }) => digest },
  ID: { header: "IMAGE ID", make: ({ image }) => (cut ? shortId(image.Id) : image.Id) },
  Repository: { header: "REPOSITORY", make: ({ repository }) => repository },
  SharedSize: {
    header: "SHARED SIZE",
    make: ({ image }) => (image.SharedSize === -1 ? "N/A" : formatSize(image.SharedSize)),
  },
  Size: { header: "SIZE", make: ({ image }) => formatBytes(image.Size) },
  Tag: { header: "TAG", make: ({ tag }) => tag },
  UniqueSize: {
    header: "UNIQUE SIZE",
    make: ({ image }) => (image.SharedSize === -1 ? "N/A" : formatSize(image.Size - image.SharedSize)),
  },
  VirtualSize: { header: "SIZE", make: ({ image }) => formatSize(image.Size) },
});

const raw = (digests: boolean): string => `repository: {{.Repository}}
tag: {{.Tag}}
${digests ? "digest: {{.Digest}}\n" : ""}image_id: {{.ID}}
created_at: {{.CreatedAt}}
virtual_size: {{.Size}}
`;

export const imageListing = (cut: boolean, digests: boolean): Listing<NamedImage> => ({
  typeName: "*formatter.imageContext",
  fields: imageFields(cut),
  columns: ["Repository", "Tag", ...(digests ? ["Digest"] : []), "ID", "CreatedSince", "Size"],
  raw: raw(digests),
});

export const deletedLine = ({
  Untagged,
  Deleted,
}: {
  readonly Untagged?: string;
  readonly Deleted?: string;
}): string => (Deleted ? `Deleted: ${Deleted}` : `Untagged: ${Untagged}`);
