import { command, noArguments } from "../../command/command.ts";
import { bool, bytes, filters } from "../../flags/flag.ts";

export default command({
  flags: {
    all: bool("a", "Remove all unused build cache, not just dangling ones"),
    filter: filters("", 'Provide filter values (e.g. "until=24h")'),
    force: bool("f", "Do not prompt for confirmation"),
    "keep-storage": bytes("", "Amount of disk space to keep for cache"),
  },
  arguments: noArguments,
  async run(_context, _parsed) {
    throw new Error("not implemented yet");
  },
});
