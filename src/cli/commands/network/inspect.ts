import { atLeast, command } from "../../command/command.ts";
import { bool } from "../../flags/flag.ts";
import { formatFlag } from "../../format/help.ts";
import { inspectAll } from "../../inspect/inspect.ts";

export default command({
  flags: {
    format: formatFlag("f"),
    verbose: bool("v", "Verbose output for diagnostics"),
  },
  arguments: atLeast(1, "network"),
  run: (context, { values: { format, verbose }, args }) =>
    inspectAll(context, args, format, async (id) => ({
      kind: "network",
      json: await context.client().text("NetworkInspect", { id, verbose }),
    })),
});
