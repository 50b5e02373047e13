import { between, command } from "../../command/command.ts";
import { bool } from "../../flags/flag.ts";

export default command({
  flags: {
    pause: bool("", "Pause the containers that use it for the time of the copy"),
  },
  arguments: between(1, 2, "volume", "word"),
  async run({ client, out }, { values: { pause }, args: [source = "", name = ""] }) {
    const body = { Source: source, Name: name, Pause: pause, Snapshot: true };
    const { Name } = await client().call("WharfVolumeClone", { body });
    out.write(`${Name}\n`);
  },
});
