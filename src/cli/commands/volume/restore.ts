import { command, exactly } from "../../command/command.ts";

export default command({
  flags: {},
  arguments: exactly(2, "volume"),
  async run({ client, out }, { args: [name = "", from = ""] }) {
    await client().call("WharfVolumeRestore", { body: { Name: name, From: from } });
    out.write(`${name}\n`);
  },
});
