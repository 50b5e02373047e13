import { command, exactly } from "../../command/command.ts";
import { bool, offer, text } from "../../flags/flag.ts";
import { showMessages } from "../../progress/messages.ts";
import { authHeader } from "../../registry/credentials.ts";
import { platformQuery } from "../../registry/platform.ts";
import { canonicalName, registryOf, splitReference } from "../../registry/reference.ts";

export default command({
  flags: {
    "all-tags": bool("a", "Push all tags of an image to the repository"),
    "disable-content-trust": bool("", "Skip image signing", true),
    platform: offer(
      "platform",
      text(
        "",
        "Push a platform-specific manifest as a single-platform image to the registry.\nImage index won't be pushed, meaning that other manifests, including attestations won't be preserved.\n'os[/arch[/variant]]': Explicit platform (eg. linux/amd64)",
      ),
    ),
    quiet: bool("q", "Suppress verbose output"),
  },
  arguments: exactly(1, "image"),
  async run({ client, config, out }, { values: flags, args: [reference = ""] }) {
    const all = flags["all-tags"];
    const { name, tag } = splitReference(reference);
    if (all && tag) throw new Error("tag can't be used with --all-tags/-a");
    if (!all && !tag && !flags.quiet) out.write("Using default tag: latest\n");
    const query = { name, ...(all ? {} : { tag: tag || "latest" }), platform: platformQuery(flags.platform) };
    const headers = await authHeader(config(), registryOf(reference));
    const lines = await client().lines("ImagePush", query, { headers });
    await showMessages(lines, flags.quiet ? { ...out, write: () => undefined } : out);
    if (flags.quiet) out.write(`${canonicalName(all ? name : `${name}:${tag || "latest"}`)}\n`);
  },
});
