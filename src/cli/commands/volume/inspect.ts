import { atLeast, command } from "../../command/command.ts";
import { formatFlag } from "../../format/help.ts";
import { inspectAll } from "../../inspect/inspect.ts";

export default command({
  flags: {
    format: formatFlag("f"),
  },
  arguments: atLeast(1, "volume"),
  run: (context, { values: { format }, args }) =>
    inspectAll(context, args, format, async (name) => ({
      kind: "volume",
      json: await context.client().text("VolumeInspect", { name }),
    })),
});
