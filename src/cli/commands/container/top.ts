import { atLeast, command } from "../../command/command.ts";
import { layOut } from "../../format/tabs.ts";

export default command({
  flags: {},
  arguments: atLeast(1, "runningContainer", "word"),
  interspersed: false,
  async run({ client, out }, { args: [id = "", ...words] }) {
    const { Titles, Processes } = await client().call("ContainerTop", {
      id,
      ps_args: words.join(" ") || undefined,
    });
    const rows = [Titles, ...(Processes ?? [])];
    out.write(layOut(rows.map((cells) => `${cells.join("\t")}\n`).join(""), { minWidth: 20, padding: 3 }));
  },
});
