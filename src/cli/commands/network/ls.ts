import { command, noArguments } from "../../command/command.ts";
import { NETWORK_FILTERS } from "../../flags/filter-names.ts";
import { bool, filters } from "../../flags/flag.ts";
import { listFormatFlag } from "../../format/help.ts";
import { showItems } from "../../format/listing.ts";
import { compareNatural } from "../../format/natural.ts";
import { networkListing } from "../../format/networks.ts";

export default command({
  flags: {
    filter: filters("f", 'Provide filter values (e.g. "driver=bridge")', NETWORK_FILTERS),
    format: listFormatFlag(),
    "no-trunc": bool("", "Do not truncate the output"),
    quiet: bool("q", "Only display network IDs"),
  },
  arguments: noArguments,
  async run({ client, config, out }, { values: { filter, format, quiet, "no-trunc": whole } }) {
    const networks = await client().call("NetworkList", { filters: filter });
    const sorted = [...networks].sort((a, b) => compareNatural(a.Name, b.Name));
    const listing = networkListing(!whole);
    if (quiet && !format)
      out.write(sorted.map((network) => `${listing.fields["ID"]?.make(network, [])}\n`).join(""));
    else await showItems(out, listing, format || config().networksFormat || "table", sorted);
  },
});
