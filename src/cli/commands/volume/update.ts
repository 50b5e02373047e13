import { atMost, command } from "../../command/command.ts";
import { text } from "../../flags/flag.ts";

export default command({
  flags: {
    availability: text("", 'Cluster Volume availability ("active", "pause", "drain")', "active"),
  },
  arguments: atMost(1),
  async run(_context, _parsed) {
    throw new Error("not implemented yet");
  },
});
