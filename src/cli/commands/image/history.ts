import { command, exactly } from "../../command/command.ts";
import { bool, offer, text } from "../../flags/flag.ts";
import { listFormatFlag } from "../../format/help.ts";
import { historyListing } from "../../format/history.ts";
import { showItems } from "../../format/listing.ts";
import { platformQuery } from "../../registry/platform.ts";

export default command({
  flags: {
    format: listFormatFlag(),
    human: bool("H", "Print sizes and dates in human readable format", true),
    "no-trunc": bool("", "Don't truncate output"),
    platform: offer(
      "platform",
      text(
        "",
        'Show history for the given platform. Formatted as "os[/arch[/variant]]" (e.g., "linux/amd64")',
      ),
    ),
    quiet: bool("q", "Only show image IDs"),
  },
  arguments: exactly(1, "image"),
  async run({ client, out }, { values: flags, args: [name = ""] }) {
    const platform = platformQuery(flags.platform);
    const items = await client().call("ImageHistory", { name, platform });
    const listing = historyListing(!flags["no-trunc"], flags.human);
    if (flags.quiet) out.write(items.map((item) => `${listing.fields["ID"]?.make(item, [])}\n`).join(""));
    else await showItems(out, listing, flags.format || "table", items);
  },
});
