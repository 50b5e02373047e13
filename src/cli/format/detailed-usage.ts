import type { ContainerSummary } from "../../api/schema/container-answer.ts";
import type { DiskUsage } from "../../api/schema/system.ts";
import type { VolumeResource } from "../../api/schema/volume.ts";
import { PlainStruct, type Struct } from "../template/values.ts";
import { type CacheRecord, cacheListing, cacheRecords } from "./build-cache.ts";
import { containerListing } from "./containers.ts";
import { cacheUsage } from "./disk-usage.ts";
import { Item } from "./fields.ts";
import { imageListing, type NamedImage, namedImages } from "./images.ts";
import { formatItems, isTable, type Listing, readFormat } from "./listing.ts";
import { formatSize } from "./units.ts";
import { volumeListing } from "./volumes.ts";

/** A kind of thing, all that there is of it, and how it is shown. */
interface Part<T> {
  readonly listing: Listing<T>;
  readonly items: readonly T[];
}

interface Parts {
  readonly Images: Part<NamedImage>;
  readonly Containers: Part<ContainerSummary>;
  readonly Volumes: Part<VolumeResource>;
  readonly BuildCache: Part<CacheRecord>;
}

/** `cut`: ids and commands are shown short. */
function partsOf(usage: DiskUsage, cut: boolean): Parts {
  // An image is one line here, however many names it has, and is told without its digest.
  const images = (usage.Images ?? []).flatMap((image) =>
    namedImages(image, false)
      .slice(0, 1)
      .map((named) => ({ ...named, digest: "" })),
  );
  // What a container takes is told without its image.
  const containers = (usage.Containers ?? []).map((container) => ({ ...container, SizeRootFs: 0 }));
  return {
    Images: {
      listing: {
        ...imageListing(cut, true),
        columns: [
          "Repository",
          "Tag",
          "ID",
          "CreatedSince",
          "Size",
          "SharedSize",
          "UniqueSize",
          "Containers",
        ],
      },
      items: images,
    },
    Containers: {
      listing: {
        ...containerListing(cut, true),
        columns: ["ID", "Image", "Command", "LocalVolumes", "Size", "RunningFor", "Status", "Names"],
      },
      items: containers,
    },
    Volumes: {
      listing: { ...volumeListing, columns: ["Name", "Links", "Size"] },
      items: usage.Volumes ?? [],
    },
    BuildCache: { listing: cacheListing(cut), items: cacheRecords(usage) },
  };
}

const itemsOf = <T>({ listing, items }: Part<T>): readonly Struct[] =>
  items.map((item) => new Item(listing.typeName, listing.fields, item));

/** All of it as a template sees it. */
class DetailedUsage extends PlainStruct {
  readonly typeName = "*formatter.diskUsageContext";

  constructor({ Images, Containers, Volumes, BuildCache }: Parts) {
    super({
      Images: itemsOf(Images),
      Containers: itemsOf(Containers),
      Volumes: itemsOf(Volumes),
      BuildCache: itemsOf(BuildCache),
    });
  }

  override get json(): string {
    const lists = Object.entries(this.fields).map(
      ([name, items]) =>
        `${JSON.stringify(name)}:[${(items as readonly Struct[]).map(({ json }) => json).join(",")}]`,
    );
    return `{${lists.join(",")}}`;
  }
}

/** What `--format raw` stands for: all of one kind after the other, each as its list shows it raw. */
const rawFormat = ({ Images, Containers, Volumes, BuildCache }: Parts): string =>
  (
    [
      ["Images", "Image", Images],
      ["Containers", "Container", Containers],
      ["Volumes", "Volume", Volumes],
      ["BuildCache", "Build Cache", BuildCache],
    ] as const
  )
    .map(([field, type, { listing }]) => `{{range .${field}}}type: ${type}\n${listing.raw}\n{{end -}}`)
    .join("\n");

/** Every image, container, volume and cache record with what it takes: as four tables, or in a format. */
export async function detailedUsage(usage: DiskUsage, format: string): Promise<string> {
  const parts = partsOf(usage, isTable(format));
  if (format === "table") return tables(parts, cacheUsage(usage).size);
  const template = await readFormat(format, rawFormat(parts));
  return template.render(new DetailedUsage(parts));
}

const table = <T>({ listing, items }: Part<T>): Promise<string> => formatItems(listing, "table", items);

const tables = async ({ Images, Containers, Volumes, BuildCache }: Parts, cacheSize: number) =>
  `Images space usage:

${await table(Images)}
Containers space usage:

${await table(Containers)}
Local Volumes space usage:

${await table(Volumes)}
Build cache usage: ${formatSize(cacheSize)}

${await table(BuildCache)}`;
