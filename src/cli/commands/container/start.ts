import { atLeast, command } from "../../command/command.ts";
import { bool, text } from "../../flags/flag.ts";

export default command({
  flags: {
    attach: bool("a", "Attach STDOUT/STDERR and forward signals"),
    checkpoint: text("", "Restore from this checkpoint"),
    "checkpoint-dir": text("", "Use a custom checkpoint storage directory"),
    "detach-keys": text("", "Override the key sequence for detaching a container"),
    interactive: bool("i", "Attach container's STDIN"),
  },
  arguments: atLeast(1),
  async run(_context, _parsed) {
    throw new Error("not implemented yet");
  },
});
