import { command, exactly } from "../../command/command.ts";
import { bool } from "../../flags/flag.ts";

export default command({
  flags: {
    force: bool("f", "Force the container to disconnect from a network"),
  },
  arguments: exactly(2),
  async run(_context, _parsed) {
    throw new Error("not implemented yet");
  },
});
