import { command, noArguments } from "../../command/command.ts";
import { bool, filters } from "../../flags/flag.ts";

export default command({
  flags: {
    all: bool("a", "Remove all unused images not just dangling ones"),
    filter: filters("", 'Provide filter values (e.g. "label=<key>=<value>")'),
    force: bool("f", "Do not prompt for confirmation"),
    volumes: bool("", "Prune anonymous volumes"),
  },
  arguments: noArguments,
  async run(_context, _parsed) {
    throw new Error("not implemented yet");
  },
});
