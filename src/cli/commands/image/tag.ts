import { command, exactly } from "../../command/command.ts";
import { splitReference } from "../../registry/reference.ts";

export default command({
  flags: {},
  arguments: exactly(2),
  async run({ client }, { args: [name = "", target = ""] }) {
    const { name: repo, tag } = splitReference(target);
    await client().call("ImageTag", { name, repo, tag: tag || "latest" });
  },
});
