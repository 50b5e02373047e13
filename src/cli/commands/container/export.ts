import { command, exactly } from "../../command/command.ts";
import { saveStream } from "../../command/save.ts";
import { offer, text } from "../../flags/flag.ts";

export default command({
  flags: {
    output: offer("file", text("o", "Write to a file, instead of STDOUT")),
  },
  arguments: exactly(1, "container"),
  async run(context, { values: { output }, args: [id = ""] }) {
    await saveStream(output, () => context.client().stream("ContainerExport", { id }));
  },
});
