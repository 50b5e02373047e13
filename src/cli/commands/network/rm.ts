import { atLeast, command } from "../../command/command.ts";
import { bool } from "../../flags/flag.ts";

export default command({
  flags: {
    force: bool("f", "Do not error if the network does not exist"),
  },
  arguments: atLeast(1),
  async run(_context, _parsed) {
    throw new Error("not implemented yet");
  },
});
