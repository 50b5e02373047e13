import { command, noArguments } from "../../command/command.ts";
import { bool, filters, text } from "../../flags/flag.ts";
import { TABLE_FORMAT } from "../../format/help.ts";

export default command({
  flags: {
    filter: filters("f", 'Provide filter values (e.g. "driver=bridge")'),
    format: text("", TABLE_FORMAT),
    "no-trunc": bool("", "Do not truncate the output"),
    quiet: bool("q", "Only display network IDs"),
  },
  arguments: noArguments,
  async run(_context, _parsed) {
    throw new Error("not implemented yet");
  },
});
