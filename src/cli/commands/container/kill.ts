import { atLeast, command } from "../../command/command.ts";
import { text } from "../../flags/flag.ts";

export default command({
  flags: {
    signal: text("s", "Signal to send to the container"),
  },
  arguments: atLeast(1),
  async run(_context, _parsed) {
    throw new Error("not implemented yet");
  },
});
