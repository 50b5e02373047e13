import { command, exactly } from "../../command/command.ts";
import { bool, text } from "../../flags/flag.ts";

export default command({
  flags: {
    "all-tags": bool("a", "Download all tagged images in the repository"),
    "disable-content-trust": bool("", "Skip image verification", true),
    platform: text("", "Set platform if server is multi-platform capable"),
    quiet: bool("q", "Suppress verbose output"),
  },
  arguments: exactly(1),
  async run(_context, _parsed) {
    throw new Error("not implemented yet");
  },
});
