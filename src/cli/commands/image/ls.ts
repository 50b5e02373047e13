import { atMost, command } from "../../command/command.ts";
import { IMAGE_FILTERS } from "../../flags/filter-names.ts";
import { bool, filters } from "../../flags/flag.ts";
import { listFormatFlag } from "../../format/help.ts";
import { imageListing, namedImages } from "../../format/images.ts";
import { showItems } from "../../format/listing.ts";

/** What a tree cannot be shown with, and how docker calls it. */
const NOT_WITH_TREE = [
  ["quiet", "quiet"],
  ["no-trunc", "no-trunc"],
  ["digests", "show-digest"],
  ["format", "format"],
] as const;

export default command({
  flags: {
    all: bool("a", "Show all images (default hides intermediate images)"),
    digests: bool("", "Show digests"),
    filter: filters("f", "Filter output based on conditions provided", IMAGE_FILTERS),
    format: listFormatFlag(),
    "no-trunc": bool("", "Don't truncate output"),
    quiet: bool("q", "Only show image IDs"),
    tree: bool("", "List multi-platform images as a tree (EXPERIMENTAL)"),
  },
  arguments: atMost(1, "image"),
  async run({ client, config, out, err }, { values, args: [pattern] }) {
    const { all, digests, filter, quiet } = values;
    const filters =
      pattern === undefined
        ? filter
        : new Map(filter).set("reference", [...(filter.get("reference") ?? []), pattern]);
    if (values.tree) {
      const clash = NOT_WITH_TREE.find(([name]) => values[name]);
      if (clash !== undefined) throw new Error(`--${clash[1]} is not yet supported with --tree`);
      const images = await client().call("ImageList", { all, filters, manifests: true });
      const { imageTree } = await import("../../format/image-tree.ts");
      out.write(imageTree(images, all, out, out.live ? (process.stdout.columns ?? 80) : 80));
      return;
    }
    const images = await client().call("ImageList", { all, filters });
    const format = values.format || (quiet ? "table" : (config().imagesFormat ?? "table"));
    const cut = !values["no-trunc"];
    const withDigests = digests || /\.Digest\b/.test(format) || format === "json";
    const named = images.flatMap((image) => namedImages(image, withDigests));
    if (quiet && values.format)
      err.write("WARNING: Ignoring custom format, because both --format and --quiet are set.\n");
    const listing = imageListing(cut, digests);
    if (quiet) out.write(named.map((item) => `${listing.fields["ID"]?.make(item, [])}\n`).join(""));
    else await showItems(out, listing, format, named);
  },
});
