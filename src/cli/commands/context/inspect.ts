import { anyArguments, command } from "../../command/command.ts";
import { text } from "../../flags/flag.ts";
import { FORMAT } from "../../format/help.ts";

export default command({
  flags: {
    format: text("f", FORMAT),
  },
  arguments: anyArguments,
  async run(_context, _parsed) {
    throw new Error("not implemented yet");
  },
});
