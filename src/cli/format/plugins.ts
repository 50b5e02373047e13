import type { PluginsAnswer } from "../../api/schema/system.ts";
import type { Listing } from "./listing.ts";

type Plugin = PluginsAnswer & {
  readonly Id?: string;
  readonly Enabled?: boolean;
  readonly Config?: { readonly Description?: string };
};

export const pluginListing: Listing<Plugin> = {
  typeName: "*plugin.pluginContext",
  columns: ["ID", "Name", "Description", "Enabled"],
  fields: {
    Description: { header: "DESCRIPTION", make: ({ Config }) => Config?.Description ?? "" },
    Enabled: { header: "ENABLED", make: ({ Enabled }) => Enabled === true },
    ID: { header: "ID", make: ({ Id }) => (Id ?? "").slice(0, 12) },
    Name: { header: "NAME", make: ({ Name }) => Name },
    PluginReference: { header: "IMAGE", make: ({ Name }) => Name },
  },
};
