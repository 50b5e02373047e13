import { between, command } from "../../command/command.ts";
import { bool, list, text } from "../../flags/flag.ts";
import { splitReference } from "../../registry/reference.ts";

export default command({
  flags: {
    author: text("a", 'Author (e.g., "John Hannibal Smith <hannibal@a-team.com>")'),
    change: list("c", "Apply Dockerfile instruction to the created image"),
    message: text("m", "Commit message"),
    pause: bool("p", "Pause container during commit", true),
  },
  arguments: between(1, 2, "container", "word"),
  async run({ client, out }, { values: flags, args: [container = "", reference = ""] }) {
    const { name, tag } = splitReference(reference);
    const { Id } = await client().call("ImageCommit", {
      container,
      repo: name || undefined,
      tag: tag || undefined,
      comment: flags.message || undefined,
      author: flags.author || undefined,
      changes: flags.change,
      pause: flags.pause,
      body: {},
    });
    out.write(`${Id}\n`);
  },
});
