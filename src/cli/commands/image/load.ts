import { createReadStream, statSync } from "node:fs";
import { command, noArguments } from "../../command/command.ts";
import { bool, offer, text } from "../../flags/flag.ts";
import { showMessages } from "../../progress/messages.ts";
import { platformQuery } from "../../registry/platform.ts";
import { isTerminal } from "../../tty/style.ts";

export default command({
  flags: {
    input: offer("file", text("i", "Read from tar archive file, instead of STDIN")),
    platform: offer(
      "platform",
      text(
        "",
        'Load only the given platform variant. Formatted as "os[/arch[/variant]]" (e.g., "linux/amd64")',
      ),
    ),
    quiet: bool("q", "Suppress the load output"),
  },
  arguments: noArguments,
  async run({ client, out }, { values: { input, platform, quiet } }) {
    if (input === "" && isTerminal(0)) throw new Error("requested load from stdin, but stdin is empty");
    if (input !== "" && !statSync(input, { throwIfNoEntry: false }))
      throw new Error(`open ${input}: no such file or directory`);
    const body = input === "" ? process.stdin : createReadStream(input);
    const options = { quiet: quiet || !out.live, platform: platformQuery(platform), body };
    await showMessages(await client().lines("ImageLoad", options), out);
  },
});
