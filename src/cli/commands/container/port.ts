import { between, command } from "../../command/command.ts";

export default command({
  flags: {},
  arguments: between(1, 2),
  async run(_context, _parsed) {
    throw new Error("not implemented yet");
  },
});
