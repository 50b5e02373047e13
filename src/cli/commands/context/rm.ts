import { atLeast, command } from "../../command/command.ts";
import { forEachInTurn } from "../../command/for-each.ts";
import { contextExists, removeContext } from "../../config/edit-contexts.ts";
import { changeConfig } from "../../config/write.ts";
import { currentContext, DEFAULT_CONTEXT } from "../../connection/choose.ts";
import { bool } from "../../flags/flag.ts";

export default command({
  flags: {
    force: bool("f", "Force the removal of a context in use"),
  },
  arguments: atLeast(1, "context"),
  run: (context, { values: { force }, args }) =>
    forEachInTurn(context, args, async (name) => {
      const { chosen, env, config } = context;
      if (name === DEFAULT_CONTEXT) throw new Error(`context "${name}" cannot be removed`);
      if (!contextExists(chosen.folder, name))
        throw new Error(`context ${JSON.stringify(name)} does not exist`);
      const inUse = config().currentContext === name || currentContext(chosen, env, config) === name;
      if (inUse && !force)
        throw new Error(`context ${JSON.stringify(name)} is in use, set -f flag to force remove`);
      if (config().currentContext === name)
        changeConfig(chosen.folder, ({ currentContext: _gone, ...rest }) => rest);
      removeContext(chosen.folder, name);
      return name;
    }),
});
