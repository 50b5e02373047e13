import { command, exactly } from "../../command/command.ts";

export default command({
  flags: {},
  arguments: exactly(2, "container", "mountTarget"),
  async run({ client, out }, { args: [id = "", target = ""] }) {
    await client().call("WharfMountRemove", { id, target });
    out.write(`${target}\n`);
  },
});
