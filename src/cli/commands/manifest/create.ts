import { atLeast, command } from "../../command/command.ts";
import { bool } from "../../flags/flag.ts";

export default command({
  flags: {
    amend: bool("a", "Amend an existing manifest list"),
    insecure: bool("", "Allow communication with an insecure registry"),
  },
  arguments: atLeast(2),
  async run(_context, _parsed) {
    throw new Error("not implemented yet");
  },
});
