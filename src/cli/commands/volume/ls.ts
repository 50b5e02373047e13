import { command, noArguments } from "../../command/command.ts";
import { bool, filters, text } from "../../flags/flag.ts";
import { TABLE_FORMAT } from "../../format/help.ts";

export default command({
  flags: {
    cluster: bool("", "Display only cluster volumes, and use cluster volume list formatting"),
    filter: filters("f", 'Provide filter values (e.g. "dangling=true")'),
    format: text("", TABLE_FORMAT),
    quiet: bool("q", "Only display volume names"),
  },
  arguments: noArguments,
  async run(_context, _parsed) {
    throw new Error("not implemented yet");
  },
});
