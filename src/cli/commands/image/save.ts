import { atLeast, command } from "../../command/command.ts";
import { checkOutput, saveStream } from "../../command/save.ts";
import { offer, text } from "../../flags/flag.ts";
import { platformQuery } from "../../registry/platform.ts";

export default command({
  flags: {
    output: offer("file", text("o", "Write to a file, instead of STDOUT")),
    platform: offer(
      "platform",
      text(
        "",
        'Save only the given platform variant. Formatted as "os[/arch[/variant]]" (e.g., "linux/amd64")',
      ),
    ),
  },
  arguments: atLeast(1, "image"),
  async run({ client }, { values: { output, platform }, args }) {
    if (output) checkOutput(output);
    const query = { names: args, platform: platformQuery(platform) };
    await saveStream(output, () => client().stream("ImageGetAll", query));
  },
});
