import { command, exactly } from "../../command/command.ts";
import { describeFailure } from "../../command/show-failure.ts";

export default command({
  flags: {},
  arguments: exactly(2, "container", "word"),
  async run({ client }, { args: [from = "", to = ""] }) {
    const id = from.trim();
    const name = to.trim();
    if (id === "" || name === "") throw new Error("Error: Neither old nor new names may be empty");
    try {
      await client().call("ContainerRename", { id, name });
    } catch (error) {
      throw new Error(`${describeFailure(error)}\nError: failed to rename container named ${id}`, {
        cause: error,
      });
    }
  },
});
