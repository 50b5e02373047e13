import { atLeast, command } from "../../command/command.ts";
import { text } from "../../flags/flag.ts";

export default command({
  flags: {
    output: text("o", "Write to a file, instead of STDOUT"),
    platform: text(
      "",
      'Save only the given platform variant. Formatted as "os[/arch[/variant]]" (e.g., "linux/amd64")',
    ),
  },
  arguments: atLeast(1),
  async run(_context, _parsed) {
    throw new Error("not implemented yet");
  },
});
