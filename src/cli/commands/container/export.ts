import { command, exactly } from "../../command/command.ts";
import { text } from "../../flags/flag.ts";

export default command({
  flags: {
    output: text("o", "Write to a file, instead of STDOUT"),
  },
  arguments: exactly(1),
  async run(_context, _parsed) {
    throw new Error("not implemented yet");
  },
});
