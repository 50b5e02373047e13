import { command, noArguments } from "../../command/command.ts";
import { bool, filters, text } from "../../flags/flag.ts";
import { TABLE_FORMAT } from "../../format/help.ts";

export default command({
  flags: {
    filter: filters("f", 'Provide filter values (e.g. "enabled=true")'),
    format: text("", TABLE_FORMAT),
    "no-trunc": bool("", "Don't truncate output"),
    quiet: bool("q", "Only display plugin IDs"),
  },
  arguments: noArguments,
  async run(_context, _parsed) {
    throw new Error("not implemented yet");
  },
});
