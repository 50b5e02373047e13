import { command, exactly } from "../../command/command.ts";
import { text } from "../../flags/flag.ts";
import { pairs } from "../../flags/special.ts";

export default command({
  flags: {
    description: text("", "Description of the context"),
    docker: pairs("", "set the docker endpoint"),
    from: text("", "create context from a named context"),
  },
  arguments: exactly(1),
  async run(_context, _parsed) {
    throw new Error("not implemented yet");
  },
});
