import { between, command } from "../../command/command.ts";
import { bool } from "../../flags/flag.ts";
import { drawPath } from "../../network-path/draw.ts";

export default command({
  flags: { json: bool("", "Print the engine's answer as JSON") },
  arguments: between(1, 2, "container", "port"),
  about:
    "Show the way of packets to and from a container: its interfaces on both sides, the rules of each published port and what has passed them so far",
  async run({ client, out }, { values: { json }, args: [id = "", port] }) {
    const path = await client().call("WharfNetworkExplain", { id, ...(port && { port }) });
    out.write(json ? `${JSON.stringify(path, null, 4)}\n` : drawPath(id, path));
  },
});
