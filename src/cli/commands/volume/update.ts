import { atMost, command } from "../../command/command.ts";
import { offer, text } from "../../flags/flag.ts";

export default command({
  flags: {
    availability: offer(
      ["active", "pause", "drain"],
      text("", 'Cluster Volume availability ("active", "pause", "drain")', "active"),
    ),
  },
  arguments: atMost(1, "volume"),
  async run() {
    throw new Error("only the volumes of a swarm can be updated, which this engine is not part of");
  },
});
