import { atLeast, command } from "../../command/command.ts";
import { bool, strings } from "../../flags/flag.ts";

export default command({
  flags: {
    force: bool("f", "Force removal of the image"),
    "no-prune": bool("", "Do not delete untagged parents"),
    platform: strings(
      "",
      'Remove only the given platform variant. Formatted as "os[/arch[/variant]]" (e.g., "linux/amd64")',
    ),
  },
  arguments: atLeast(1),
  async run(_context, _parsed) {
    throw new Error("not implemented yet");
  },
});
