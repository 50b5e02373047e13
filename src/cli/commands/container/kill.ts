import { atLeast, command } from "../../command/command.ts";
import { forEach } from "../../command/for-each.ts";
import { text } from "../../flags/flag.ts";

export default command({
  flags: {
    signal: text("s", "Signal to send to the container"),
  },
  arguments: atLeast(1),
  run: (context, { values: { signal }, args }) =>
    forEach(context, args, (id) =>
      context.client().call("ContainerKill", { id, signal: signal || undefined }),
    ),
});
