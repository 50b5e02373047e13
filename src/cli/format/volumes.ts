import type { VolumeResource } from "../../api/schema/volume.ts";
import { joinLabels } from "./containers.ts";
import type { Listing } from "./listing.ts";
import { formatSize } from "./units.ts";

/** Of a swarm's volumes, which this engine has none of. */
const cluster = (header: string) => ({ header, make: () => "N/A" });

export const volumeListing: Listing<VolumeResource> = {
  typeName: "*formatter.volumeContext",
  columns: ["Driver", "Name"],
  fields: {
    Availability: cluster("AVAILABILITY"),
    Driver: { header: "DRIVER", make: ({ Driver }) => Driver },
    Group: cluster("GROUP"),
    Label: { header: "LABEL", called: true, make: ({ Labels }, [name = ""]) => Labels?.[name] ?? "" },
    Labels: { header: "LABELS", make: ({ Labels }) => joinLabels(Labels) },
    Links: { header: "LINKS", make: ({ UsageData }) => (UsageData ? String(UsageData.RefCount) : "N/A") },
    Mountpoint: { header: "MOUNTPOINT", make: ({ Mountpoint }) => Mountpoint },
    Name: { header: "VOLUME NAME", make: ({ Name }) => Name },
    Scope: { header: "SCOPE", make: ({ Scope }) => Scope },
    Size: { header: "SIZE", make: ({ UsageData }) => (UsageData ? formatSize(UsageData.Size) : "N/A") },
    Status: cluster("STATUS"),
  },
  raw: "name: {{.Name}}\ndriver: {{.Driver}}\n",
};
