import { command, exactly } from "../../command/command.ts";
import { checkReference, splitReference } from "../../registry/reference.ts";

export default command({
  flags: {},
  arguments: exactly(2, "image"),
  async run({ client }, { args: [name = "", target = ""] }) {
    try {
      checkReference(target);
    } catch (error) {
      throw new Error(
        `Error parsing reference: ${JSON.stringify(target)} is not a valid repository/tag: ${(error as Error).message}`,
        { cause: error },
      );
    }
    const { name: repo, tag } = splitReference(target);
    await client().call("ImageTag", { name, repo, tag: tag || "latest" });
  },
});
