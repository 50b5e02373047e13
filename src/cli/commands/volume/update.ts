import { atMost, command } from "../../command/command.ts";
import { text } from "../../flags/flag.ts";

export default command({
  flags: {
    availability: text("", 'Cluster Volume availability ("active", "pause", "drain")', "active"),
  },
  arguments: atMost(1),
  async run() {
    throw new Error("only the volumes of a swarm can be updated, which this engine is not part of");
  },
});
