import { atLeast, command } from "../../command/command.ts";
import { bool, text } from "../../flags/flag.ts";
import { FORMAT } from "../../format/help.ts";
import { inspectAll } from "../../inspect/inspect.ts";

export default command({
  flags: {
    format: text("f", FORMAT),
    size: bool("s", "Display total file sizes"),
  },
  arguments: atLeast(1),
  run: (context, { values: { format, size }, args }) =>
    inspectAll(context, args, format, async (id) => ({
      kind: "container",
      json: await context.client().text("ContainerInspect", { id, size }),
    })),
});
