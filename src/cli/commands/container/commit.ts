import { between, command } from "../../command/command.ts";
import { bool, list, text } from "../../flags/flag.ts";

export default command({
  flags: {
    author: text("a", 'Author (e.g., "John Hannibal Smith <hannibal@a-team.com>")'),
    change: list("c", "Apply Dockerfile instruction to the created image"),
    message: text("m", "Commit message"),
    pause: bool("p", "Pause container during commit", true),
  },
  arguments: between(1, 2),
  async run(_context, _parsed) {
    throw new Error("not implemented yet");
  },
});
