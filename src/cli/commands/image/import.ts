import { atLeast, command } from "../../command/command.ts";
import { list, text } from "../../flags/flag.ts";

export default command({
  flags: {
    change: list("c", "Apply Dockerfile instruction to the created image"),
    message: text("m", "Set commit message for imported image"),
    platform: text("", "Set platform if server is multi-platform capable"),
  },
  arguments: atLeast(1),
  async run(_context, _parsed) {
    throw new Error("not implemented yet");
  },
});
