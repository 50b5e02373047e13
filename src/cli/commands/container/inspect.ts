import { atLeast, command } from "../../command/command.ts";
import { bool, text } from "../../flags/flag.ts";
import { FORMAT } from "../../format/help.ts";

export default command({
  flags: {
    format: text("f", FORMAT),
    size: bool("s", "Display total file sizes"),
  },
  arguments: atLeast(1),
  async run(_context, _parsed) {
    throw new Error("not implemented yet");
  },
});
