import { command, noArguments } from "../../command/command.ts";
import { CONTAINER_FILTERS } from "../../flags/filter-names.ts";
import { bool, filters, int } from "../../flags/flag.ts";
import { containerListing } from "../../format/containers.ts";
import { listFormatFlag } from "../../format/help.ts";
import { showItems } from "../../format/listing.ts";

export default command({
  flags: {
    all: bool("a", "Show all containers (default shows just running)"),
    filter: filters("f", "Filter output based on conditions provided", CONTAINER_FILTERS),
    format: listFormatFlag(),
    last: int("n", "Show n last created containers (includes all states)", -1),
    latest: bool("l", "Show the latest created container (includes all states)"),
    "no-trunc": bool("", "Don't truncate output"),
    quiet: bool("q", "Only display container IDs"),
    size: bool("s", "Display total file sizes"),
  },
  arguments: noArguments,
  async run({ client, config, out, err }, { values, changed }) {
    const { all, filter, latest, last, quiet } = values;
    const format = values.format || (quiet ? "table" : (config().psFormat ?? "table"));
    // What a template shows decides whether the engine measures the containers.
    const size = values.size || (!changed.has("size") && /\.Size\b|\bjson +\.(?=\s|\})/.test(format));
    const limit = latest && last === -1 ? 1 : last;
    const query = { all: all || limit > 0, size, filters: filter, ...(limit > 0 ? { limit } : {}) };
    const containers = await client().call("ContainerList", query);
    const cut = !values["no-trunc"];
    if (quiet && values.format)
      err.write("WARNING: Ignoring custom format, because both --format and --quiet are set.\n");
    if (quiet) out.write(containers.map(({ Id }) => `${cut ? Id.slice(0, 12) : Id}\n`).join(""));
    else await showItems(out, containerListing(cut, values.size), format, containers);
  },
});
