import { hasKind } from "../../../base/errors.ts";
import { atLeast, command } from "../../command/command.ts";
import { forEach } from "../../command/for-each.ts";
import { bool } from "../../flags/flag.ts";

export default command({
  flags: {
    force: bool("f", "Force the removal of a running container (uses SIGKILL)"),
    link: bool("l", "Remove the specified link"),
    volumes: bool("v", "Remove anonymous volumes associated with the container"),
  },
  arguments: atLeast(1, "removableContainer"),
  async run(context, { values: { force, link, volumes }, args }) {
    const client = context.client();
    let wrong = false;
    const remove = async (name: string) => {
      const id = name.replace(/^\//, "");
      if (id === "") throw new Error("container name cannot be empty");
      try {
        await client.call("ContainerDelete", { id, force, link, v: volumes });
      } catch (error) {
        // What is not there is as --force wants it; that is said, and no failure.
        wrong ||= !(force && hasKind(error, "notFound"));
        throw error;
      }
    };
    const code = await forEach(context, args, remove);
    return wrong ? code : 0;
  },
});
