import { command, exactly } from "../../command/command.ts";
import { bool } from "../../flags/flag.ts";

export default command({
  flags: {
    pause: bool("", "Also while containers that use it run: pause them for the time of it"),
  },
  arguments: exactly(2, "volume"),
  async run({ client, out }, { values: { pause }, args: [name = "", from = ""] }) {
    await client().call("WharfVolumeRestore", { body: { Name: name, From: from, Pause: pause } });
    out.write(`${name}\n`);
  },
});
