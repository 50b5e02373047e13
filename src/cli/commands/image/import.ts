import { createReadStream } from "node:fs";
import { atLeast, command } from "../../command/command.ts";
import { list, offer, text } from "../../flags/flag.ts";
import { showMessages } from "../../progress/messages.ts";
import { splitReference } from "../../registry/reference.ts";

export default command({
  flags: {
    change: list("c", "Apply Dockerfile instruction to the created image"),
    message: text("m", "Set commit message for imported image"),
    platform: offer("platform", text("", "Set platform if server is multi-platform capable")),
  },
  arguments: atLeast(1, "file", "word"),
  async run({ client, out }, { values: flags, args: [source = "", reference = ""] }) {
    const { name, tag } = splitReference(reference);
    const remote = /^https?:\/\//.test(source);
    const body = remote ? undefined : source === "-" ? process.stdin : createReadStream(source);
    const lines = await client().lines("ImageCreate", {
      fromSrc: remote ? source : "-",
      repo: name || undefined,
      tag: tag || undefined,
      message: flags.message || undefined,
      changes: flags.change,
      platform: flags.platform || undefined,
      body,
    });
    await showMessages(lines, out);
  },
});
