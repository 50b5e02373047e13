import { command, noArguments } from "../../command/command.ts";
import { bool, filters } from "../../flags/flag.ts";

export default command({
  flags: {
    all: bool("a", "Remove all unused volumes, not just anonymous ones"),
    filter: filters("", 'Provide filter values (e.g. "label=<label>")'),
    force: bool("f", "Do not prompt for confirmation"),
  },
  arguments: noArguments,
  async run(_context, _parsed) {
    throw new Error("not implemented yet");
  },
});
