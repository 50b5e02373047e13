import { hasKind } from "../../../base/errors.ts";
import { atLeast, command } from "../../command/command.ts";
import { ExitError } from "../../command/failure.ts";
import { describeFailure } from "../../command/show-failure.ts";
import { bool } from "../../flags/flag.ts";

export default command({
  flags: {
    force: bool("f", "Do not error if the network does not exist"),
  },
  arguments: atLeast(1, "network"),
  async run({ client, out, err }, { values: { force }, args }) {
    let code = 0;
    for (const id of args) {
      try {
        await client().call("NetworkDelete", { id });
        out.write(`${id}\n`);
      } catch (error) {
        if (force && hasKind(error, "notFound")) continue;
        err.write(`${describeFailure(error)}\n`);
        code = 1;
      }
    }
    if (code !== 0) throw new ExitError(code, `exit status ${code}`);
  },
});
