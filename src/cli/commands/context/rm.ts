import { atLeast, command } from "../../command/command.ts";
import { bool } from "../../flags/flag.ts";

export default command({
  flags: {
    force: bool("f", "Force the removal of a context in use"),
  },
  arguments: atLeast(1),
  async run(_context, _parsed) {
    throw new Error("not implemented yet");
  },
});
