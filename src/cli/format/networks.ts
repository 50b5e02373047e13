import type { NetworkResource } from "../../api/schema/network.ts";
import { joinLabels } from "./containers.ts";
import type { Listing } from "./listing.ts";
import { formatGoTime, shortId } from "./units.ts";

export const networkListing = (cut: boolean): Listing<NetworkResource> => ({
  typeName: "*network.networkContext",
  columns: ["ID", "Name", "Driver", "Scope"],
  fields: {
    CreatedAt: { header: "CREATED AT", make: ({ Created }) => formatGoTime(Created) },
    Driver: { header: "DRIVER", make: ({ Driver }) => Driver },
    ID: { header: "NETWORK ID", make: ({ Id }) => (cut ? shortId(Id) : Id) },
    IPv4: { header: "IPV4", make: ({ EnableIPv4 }) => String(EnableIPv4) },
    IPv6: { header: "IPV6", make: ({ EnableIPv6 }) => String(EnableIPv6) },
    Internal: { header: "INTERNAL", make: ({ Internal }) => String(Internal) },
    Label: { header: "LABEL", called: true, make: ({ Labels }, [name = ""]) => Labels?.[name] ?? "" },
    Labels: { header: "LABELS", make: ({ Labels }) => joinLabels(Labels) },
    Name: { header: "NAME", make: ({ Name }) => Name },
    Scope: { header: "SCOPE", make: ({ Scope }) => Scope },
  },
  raw: "network_id: {{.ID}}\nname: {{.Name}}\ndriver: {{.Driver}}\nscope: {{.Scope}}\n",
});
