import { command, noArguments } from "../../command/command.ts";
import { currentContext } from "../../connection/choose.ts";

export default command({
  flags: {},
  arguments: noArguments,
  async run({ chosen, env, config, out }) {
    out.write(`${currentContext(chosen, env, config)}\n`);
  },
});
