import { command, noArguments } from "../../command/command.ts";

export default command({
  flags: {},
  arguments: noArguments,
  async run(_context, _parsed) {
    throw new Error("not implemented yet");
  },
});
