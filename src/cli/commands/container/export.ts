import { command, exactly } from "../../command/command.ts";
import { saveStream } from "../../command/save.ts";
import { text } from "../../flags/flag.ts";

export default command({
  flags: {
    output: text("o", "Write to a file, instead of STDOUT"),
  },
  arguments: exactly(1),
  async run(context, { values: { output }, args: [id = ""] }) {
    await saveStream(output, () => context.client().stream("ContainerExport", { id }));
  },
});
