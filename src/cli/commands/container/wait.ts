import { atLeast, command } from "../../command/command.ts";
import { forEachInTurn } from "../../command/for-each.ts";

export default command({
  flags: {},
  arguments: atLeast(1, "runningContainer"),
  run: (context, { args }) =>
    forEachInTurn(context, args, async (id) => {
      const { StatusCode, Error: failure } = await context.client().call("ContainerWait", { id });
      if (failure?.Message) throw new Error(failure.Message);
      return String(StatusCode);
    }),
});
