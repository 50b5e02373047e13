import { command, exactly } from "../../command/command.ts";
import { bool } from "../../flags/flag.ts";

export default command({
  flags: {
    archive: bool("a", "Archive mode (copy all uid/gid information)"),
    "follow-link": bool("L", "Always follow symbol link in SRC_PATH"),
    quiet: bool(
      "q",
      "Suppress progress output during copy. Progress output is automatically suppressed if no terminal is attached",
    ),
  },
  arguments: exactly(2),
  async run(_context, _parsed) {
    throw new Error("not implemented yet");
  },
});
