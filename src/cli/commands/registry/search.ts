import { command, exactly } from "../../command/command.ts";
import { SEARCH_FILTERS } from "../../flags/filter-names.ts";
import { bool, filters, int, text } from "../../flags/flag.ts";
import { showItems } from "../../format/listing.ts";
import { searchListing } from "../../format/search.ts";
import { authHeader } from "../../registry/credentials.ts";
import { registryOf } from "../../registry/reference.ts";

export default command({
  flags: {
    filter: filters("f", "Filter output based on conditions provided", SEARCH_FILTERS),
    format: text("", "Pretty-print search using a Go template"),
    limit: int("", "Max number of search results"),
    "no-trunc": bool("", "Don't truncate output"),
  },
  arguments: exactly(1, "word"),
  async run({ client, config, out }, { values: flags, args: [term = ""] }) {
    const headers = await authHeader(config(), registryOf(term));
    const query = { term, filters: flags.filter, limit: flags.limit };
    const found = await client().call("ImageSearch", query, { headers });
    await showItems(out, searchListing(!flags["no-trunc"]), flags.format || "table", found);
  },
});
