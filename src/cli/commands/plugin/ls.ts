import { command, noArguments } from "../../command/command.ts";
import { PLUGIN_FILTERS } from "../../flags/filter-names.ts";
import { bool, filters } from "../../flags/flag.ts";
import { listFormatFlag } from "../../format/help.ts";
import { showItems } from "../../format/listing.ts";
import { pluginListing } from "../../format/plugins.ts";

export default command({
  flags: {
    filter: filters("f", 'Provide filter values (e.g. "enabled=true")', PLUGIN_FILTERS),
    format: listFormatFlag(),
    "no-trunc": bool("", "Don't truncate output"),
    quiet: bool("q", "Only display plugin IDs"),
  },
  arguments: noArguments,
  async run({ client, config, out }, { values: { filter, format, quiet } }) {
    const plugins = await client().call("PluginList", { filters: filter });
    if (quiet && !format)
      out.write(plugins.map((plugin) => `${pluginListing.fields["ID"]?.make(plugin, [])}\n`).join(""));
    else await showItems(out, pluginListing, format || config().pluginsFormat || "table", plugins);
  },
});
