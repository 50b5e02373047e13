import { command, exactly } from "../../command/command.ts";
import { bool, text } from "../../flags/flag.ts";
import { TABLE_FORMAT } from "../../format/help.ts";

export default command({
  flags: {
    format: text("", TABLE_FORMAT),
    human: bool("H", "Print sizes and dates in human readable format", true),
    "no-trunc": bool("", "Don't truncate output"),
    platform: text(
      "",
      'Show history for the given platform. Formatted as "os[/arch[/variant]]" (e.g., "linux/amd64")',
    ),
    quiet: bool("q", "Only show image IDs"),
  },
  arguments: exactly(1),
  async run(_context, _parsed) {
    throw new Error("not implemented yet");
  },
});
