import { command, exactly } from "../../command/command.ts";
import { readContext } from "../../config/contexts.ts";
import { changeConfig } from "../../config/write.ts";
import { DEFAULT_CONTEXT } from "../../connection/choose.ts";

export default command({
  flags: {},
  arguments: exactly(1, "context"),
  async run({ chosen: { folder }, config, env, out, err }, { args: [name = ""] }) {
    if (name !== DEFAULT_CONTEXT) readContext(folder, name);
    const wanted = name === DEFAULT_CONTEXT ? undefined : name;
    if (config().currentContext !== wanted)
      changeConfig(folder, ({ currentContext: _before, ...rest }) =>
        wanted ? { ...rest, currentContext: wanted } : rest,
      );
    out.write(`${name}\n`);
    err.write(`Current context is now "${name}"\n`);
    const variable = ["WHARF_HOST", "DOCKER_HOST"].find((candidate) => env[candidate]);
    if (wanted && variable)
      err.write(
        `Warning: ${variable} environment variable overrides the active context. To use "${name}", either set the global --context flag, or unset ${variable} environment variable.\n`,
      );
  },
});
