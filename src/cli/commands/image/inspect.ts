import { atLeast, command } from "../../command/command.ts";
import { text } from "../../flags/flag.ts";
import { FORMAT } from "../../format/help.ts";
import { inspectAll } from "../../inspect/inspect.ts";

export default command({
  flags: {
    format: text("f", FORMAT),
    platform: text(
      "",
      "Inspect a specific platform of the multi-platform image.\nIf the image or the server is not multi-platform capable, the command will error out if the platform does not match.\n'os[/arch[/variant]]': Explicit platform (eg. linux/amd64)",
    ),
  },
  arguments: atLeast(1),
  run: (context, { values: { format }, args }) =>
    inspectAll(context, args, format, async (name) => ({
      kind: "image",
      json: await context.client().text("ImageInspect", { name }),
    })),
});
