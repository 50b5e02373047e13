import { command, exactly } from "../../command/command.ts";

export default command({
  flags: {},
  arguments: exactly(1),
  async run(_context, _parsed) {
    throw new Error("not implemented yet");
  },
});
