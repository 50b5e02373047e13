import { atLeast, command } from "../../command/command.ts";
import { forEach } from "../../command/for-each.ts";
import { bool } from "../../flags/flag.ts";

export default command({
  flags: {
    force: bool("f", "Force the removal of a running container (uses SIGKILL)"),
    link: bool("l", "Remove the specified link"),
    volumes: bool("v", "Remove anonymous volumes associated with the container"),
  },
  arguments: atLeast(1),
  run(context, { values: { force, link, volumes }, args }) {
    const client = context.client();
    return forEach(context, args, async (name) => {
      const id = name.replace(/^\//, "");
      if (id === "") throw new Error("container name cannot be empty");
      await client.call("ContainerDelete", { id, force, link, v: volumes });
    });
  },
});
