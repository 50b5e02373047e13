import { command, noArguments } from "../../command/command.ts";
import { bool } from "../../flags/flag.ts";
import { detailedUsage } from "../../format/detailed-usage.ts";
import { usageListing, usages } from "../../format/disk-usage.ts";
import { listFormatFlag } from "../../format/help.ts";
import { showItems } from "../../format/listing.ts";

export default command({
  flags: {
    format: listFormatFlag(),
    verbose: bool("v", "Show detailed information on space usage"),
  },
  arguments: noArguments,
  async run({ client, out }, { values: { format, verbose } }) {
    const usage = await client().call("SystemDataUsage");
    if (verbose) out.write(await detailedUsage(usage, format || "table"));
    else await showItems(out, usageListing, format || "table", usages(usage));
  },
});
