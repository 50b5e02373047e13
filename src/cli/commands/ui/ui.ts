import { command, noArguments } from "../../command/command.ts";
import { isTerminal } from "../../tty/style.ts";
import { runUi } from "../../ui/run.ts";

export default command({
  flags: {},
  arguments: noArguments,
  about: `Show containers, images, networks and volumes on the whole terminal, with logs and measurements as they come.
The key ? lists the others.`,
  async run(context) {
    if (!isTerminal(0) || !context.out.live)
      throw new Error("wharf ui needs a terminal; wharf ps, wharf logs and wharf stats do without");
    await runUi(context);
  },
});
