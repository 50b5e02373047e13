import { command, exactly } from "../../command/command.ts";
import { bool, text } from "../../flags/flag.ts";

export default command({
  flags: {
    "all-tags": bool("a", "Push all tags of an image to the repository"),
    "disable-content-trust": bool("", "Skip image signing", true),
    platform: text(
      "",
      "Push a platform-specific manifest as a single-platform image to the registry.\nImage index won't be pushed, meaning that other manifests, including attestations won't be preserved.\n'os[/arch[/variant]]': Explicit platform (eg. linux/amd64)",
    ),
    quiet: bool("q", "Suppress verbose output"),
  },
  arguments: exactly(1),
  async run(_context, _parsed) {
    throw new Error("not implemented yet");
  },
});
