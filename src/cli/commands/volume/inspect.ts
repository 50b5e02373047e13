import { atLeast, command } from "../../command/command.ts";
import { text } from "../../flags/flag.ts";
import { FORMAT } from "../../format/help.ts";
import { inspectAll } from "../../inspect/inspect.ts";

export default command({
  flags: {
    format: text("f", FORMAT),
  },
  arguments: atLeast(1),
  run: (context, { values: { format }, args }) =>
    inspectAll(context, args, format, async (name) => ({
      kind: "volume",
      json: await context.client().text("VolumeInspect", { name }),
    })),
});
