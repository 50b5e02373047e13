import { command, exactly } from "../../command/command.ts";
import { bool } from "../../flags/flag.ts";

export default command({
  flags: {
    pause: bool("", "Pause the containers that use it for the time of the copy"),
  },
  arguments: exactly(2, "volume", "word"),
  async run({ client, out }, { values: { pause }, args: [source = "", name = ""] }) {
    const { Name } = await client().call("WharfVolumeClone", {
      body: { Source: source, Name: name, Pause: pause },
    });
    out.write(`${Name}\n`);
  },
});
