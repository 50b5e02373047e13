import { atLeast, command } from "../../command/command.ts";
import { offer, text } from "../../flags/flag.ts";
import { formatFlag } from "../../format/help.ts";
import { inspectAll } from "../../inspect/inspect.ts";

export default command({
  flags: {
    format: formatFlag("f"),
    platform: offer(
      "platform",
      text(
        "",
        "Inspect a specific platform of the multi-platform image.\nIf the image or the server is not multi-platform capable, the command will error out if the platform does not match.\n'os[/arch[/variant]]': Explicit platform (eg. linux/amd64)",
      ),
    ),
  },
  arguments: atLeast(1, "image"),
  run: (context, { values: { format }, args }) =>
    inspectAll(context, args, format, async (name) => ({
      kind: "image",
      json: await context.client().text("ImageInspect", { name }),
    })),
});
