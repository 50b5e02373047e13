import { command, exactly } from "../../command/command.ts";
import { bool, offer, text } from "../../flags/flag.ts";
import { pullImage } from "../../registry/pull.ts";
import { canonicalName, checkReference, splitReference, withTag } from "../../registry/reference.ts";

export default command({
  flags: {
    "all-tags": bool("a", "Download all tagged images in the repository"),
    "disable-content-trust": bool("", "Skip image verification", true),
    platform: offer("platform", text("", "Set platform if server is multi-platform capable")),
    quiet: bool("q", "Suppress verbose output"),
  },
  arguments: exactly(1, "word"),
  async run(context, { values: flags, args: [reference = ""] }) {
    checkReference(reference);
    const all = flags["all-tags"];
    const { name, tag } = splitReference(reference);
    if (all && tag) throw new Error("tag can't be used with --all-tags/-a");
    if (!all && !tag && !flags.quiet) context.out.write("Using default tag: latest\n");
    const full = all ? name : withTag(reference);
    await pullImage(context, full, { platform: flags.platform, quiet: flags.quiet }, context.out);
    context.out.write(`${canonicalName(full)}\n`);
  },
});
