import { command, noArguments } from "../../command/command.ts";
import { bool, text } from "../../flags/flag.ts";
import { TABLE_FORMAT } from "../../format/help.ts";

export default command({
  flags: {
    format: text("", TABLE_FORMAT),
    verbose: bool("v", "Show detailed information on space usage"),
  },
  arguments: noArguments,
  async run(_context, _parsed) {
    throw new Error("not implemented yet");
  },
});
