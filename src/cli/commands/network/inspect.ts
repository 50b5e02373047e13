import { atLeast, command } from "../../command/command.ts";
import { bool, text } from "../../flags/flag.ts";
import { FORMAT } from "../../format/help.ts";
import { inspectAll } from "../../inspect/inspect.ts";

export default command({
  flags: {
    format: text("f", FORMAT),
    verbose: bool("v", "Verbose output for diagnostics"),
  },
  arguments: atLeast(1),
  run: (context, { values: { format, verbose }, args }) =>
    inspectAll(context, args, format, async (id) => ({
      kind: "network",
      json: await context.client().text("NetworkInspect", { id, verbose }),
    })),
});
