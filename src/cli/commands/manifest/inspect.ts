import { between, command } from "../../command/command.ts";
import { bool } from "../../flags/flag.ts";

export default command({
  flags: {
    insecure: bool("", "Allow communication with an insecure registry"),
    verbose: bool("v", "Output additional info including layers and platform"),
  },
  arguments: between(1, 2),
  async run(_context, _parsed) {
    throw new Error("not implemented yet");
  },
});
