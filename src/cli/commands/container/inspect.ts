import { atLeast, command } from "../../command/command.ts";
import { bool } from "../../flags/flag.ts";
import { formatFlag } from "../../format/help.ts";
import { inspectAll } from "../../inspect/inspect.ts";

export default command({
  flags: {
    format: formatFlag("f"),
    size: bool("s", "Display total file sizes"),
  },
  arguments: atLeast(1, "container"),
  run: (context, { values: { format, size }, args }) =>
    inspectAll(context, args, format, async (id) => ({
      kind: "container",
      json: await context.client().text("ContainerInspect", { id, size }),
    })),
});
