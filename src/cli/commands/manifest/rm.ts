import { atLeast, command } from "../../command/command.ts";

export default command({
  flags: {},
  arguments: atLeast(1),
  async run(_context, _parsed) {
    throw new Error("not implemented yet");
  },
});
