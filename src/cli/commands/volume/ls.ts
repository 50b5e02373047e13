import { command, noArguments } from "../../command/command.ts";
import { VOLUME_FILTERS } from "../../flags/filter-names.ts";
import { bool, filters } from "../../flags/flag.ts";
import { listFormatFlag } from "../../format/help.ts";
import { showItems } from "../../format/listing.ts";
import { compareNatural } from "../../format/natural.ts";
import { volumeListing } from "../../format/volumes.ts";

export default command({
  flags: {
    cluster: bool("", "Display only cluster volumes, and use cluster volume list formatting"),
    filter: filters("f", 'Provide filter values (e.g. "dangling=true")', VOLUME_FILTERS),
    format: listFormatFlag(),
    quiet: bool("q", "Only display volume names"),
  },
  arguments: noArguments,
  async run({ client, config, out }, { values: { cluster, filter, format, quiet } }) {
    if (cluster) throw new Error("--cluster is for the volumes of a swarm, which this engine is not part of");
    const { Volumes } = await client().call("VolumeList", { filters: filter });
    const sorted = [...(Volumes ?? [])].sort((a, b) => compareNatural(a.Name, b.Name));
    if (quiet && !format) out.write(sorted.map(({ Name }) => `${Name}\n`).join(""));
    else await showItems(out, volumeListing, format || config().volumesFormat || "table", sorted);
  },
});
