import { atLeast, command } from "../../command/command.ts";
import { forEach } from "../../command/for-each.ts";

export default command({
  flags: {},
  arguments: atLeast(1, "pausedContainer"),
  run: (context, { args }) =>
    forEach(context, args, (id) => context.client().call("ContainerUnpause", { id })),
});
