import { command, exactly } from "../../command/command.ts";
import { bool } from "../../flags/flag.ts";

export default command({
  flags: {
    force: bool("f", "Force the container to disconnect from a network"),
  },
  arguments: exactly(2, "network", "attachedContainer"),
  async run({ client }, { values: { force }, args: [id = "", Container = ""] }) {
    await client().call("NetworkDisconnect", { id, body: { Container, Force: force } });
  },
});
