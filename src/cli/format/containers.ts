import type { ContainerSummary } from "../../api/schema/container-answer.ts";
import { quote } from "../template/literals.ts";
import { TypedNil } from "../template/values.ts";
import type { Fields } from "./fields.ts";
import type { Listing } from "./listing.ts";
import { showPorts } from "./ports.ts";
import { ellipsis, formatAge, formatBytes, formatTime, shortId } from "./units.ts";

const COMMAND_WIDTH = 20;
const MOUNT_WIDTH = 15;

export const joinLabels = (labels: Readonly<Record<string, string>> | null | undefined): string =>
  Object.entries(labels ?? {})
    .map(([name, value]) => `${name}=${value}`)
    .sort()
    .join(",");

/** Names without the slash; a short list leaves out those that links have given. */
function showNames(names: readonly string[], cut: boolean): string {
  const plain = names.map((name) => name.replace(/^\//, ""));
  const own = cut ? plain.find((name) => !name.includes("/")) : undefined;
  return own ?? plain.join(",");
}

/** A short list shows ids short, and a name without the digest it was asked for by. */
function showImage({ Image, ImageID }: ContainerSummary, cut: boolean): string {
  if (Image === "") return "<no image>";
  if (!cut) return Image;
  if (shortId(Image) === shortId(ImageID)) return shortId(ImageID);
  const at = Image.indexOf("@");
  const name = at < 0 ? Image : Image.slice(0, at);
  return /:[^/]*$/.test(name) ? name : Image;
}

function showSize({ SizeRw = 0, SizeRootFs = 0 }: ContainerSummary): string {
  const own = formatBytes(SizeRw);
  return SizeRootFs > 0 ? `${own} (virtual ${formatBytes(SizeRootFs)})` : own;
}

const mountName = (cut: boolean, { Name, Source }: ContainerSummary["Mounts"][number]): string => {
  const name = Name || Source;
  return cut ? ellipsis(name, MOUNT_WIDTH) : name;
};

const fields = (cut: boolean): Fields<ContainerSummary> => ({
  Command: {
    header: "COMMAND",
    make: ({ Command }) => quote(cut ? ellipsis(Command, COMMAND_WIDTH) : Command),
  },
  CreatedAt: { header: "CREATED AT", make: ({ Created }) => formatTime(Created) },
  ID: { header: "CONTAINER ID", make: ({ Id }) => (cut ? shortId(Id) : Id) },
  Image: { header: "IMAGE", make: (container) => showImage(container, cut) },
  Label: { header: "LABEL", called: true, make: ({ Labels }, [name = ""]) => Labels?.[name] ?? "" },
  Labels: { header: "LABELS", make: ({ Labels }) => joinLabels(Labels) },
  LocalVolumes: {
    header: "LOCAL VOLUMES",
    make: ({ Mounts }) => String((Mounts ?? []).filter(({ Driver }) => Driver === "local").length),
  },
  Mounts: {
    header: "MOUNTS",
    make: ({ Mounts }) => (Mounts ?? []).map((mount) => mountName(cut, mount)).join(","),
  },
  Names: { header: "NAMES", make: ({ Names }) => showNames(Names ?? [], cut) },
  Networks: {
    header: "NETWORKS",
    make: ({ NetworkSettings }) => Object.keys(NetworkSettings?.Networks ?? {}).join(","),
  },
  // The engine does not say which platform of its image a container was made of.
  Platform: { header: "PLATFORM", make: () => new TypedNil("pointer") },
  Ports: { header: "PORTS", make: ({ Ports }) => showPorts(Ports ?? []) },
  RunningFor: { header: "CREATED", make: ({ Created }) => formatAge(Date.now() / 1000 - Created) },
  Size: { header: "SIZE", make: showSize },
  State: { header: "STATE", make: ({ State }) => State },
  Status: { header: "STATUS", make: ({ Status }) => Status },
});

const RAW = `container_id: {{.ID}}
image: {{.Image}}
command: {{.Command}}
created_at: {{.CreatedAt}}
state: {{- pad .State 1 0}}
status: {{- pad .Status 1 0}}
names: {{.Names}}
labels: {{- pad .Labels 1 0}}
ports: {{- pad .Ports 1 0}}
`;

export const containerListing = (cut: boolean, size: boolean): Listing<ContainerSummary> => ({
  typeName: "*formatter.ContainerContext",
  fields: fields(cut),
  columns: ["ID", "Image", "Command", "RunningFor", "Status", "Ports", "Names", ...(size ? ["Size"] : [])],
  unreadable: "failed to parse template: ",
  raw: size ? `${RAW}size: {{.Size}}\n` : RAW,
});
