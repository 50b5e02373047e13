import { anyArguments, command } from "../../command/command.ts";
import { bool, text } from "../../flags/flag.ts";
import { TABLE_FORMAT } from "../../format/help.ts";

export default command({
  flags: {
    all: bool("a", "Show all containers (default shows just running)"),
    format: text("", TABLE_FORMAT),
    "no-stream": bool("", "Disable streaming stats and only pull the first result"),
    "no-trunc": bool("", "Do not truncate output"),
  },
  arguments: anyArguments,
  async run(_context, _parsed) {
    throw new Error("not implemented yet");
  },
});
