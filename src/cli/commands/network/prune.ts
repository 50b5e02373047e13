import { command, noArguments } from "../../command/command.ts";
import { bool, filters } from "../../flags/flag.ts";

export default command({
  flags: {
    filter: filters("", 'Provide filter values (e.g. "until=<timestamp>")'),
    force: bool("f", "Do not prompt for confirmation"),
  },
  arguments: noArguments,
  async run(_context, _parsed) {
    throw new Error("not implemented yet");
  },
});
