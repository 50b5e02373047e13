import { command, exactly } from "../../command/command.ts";
import { readContext, readTlsFiles } from "../../config/contexts.ts";
import { checkName, readEndpoint, writeContext } from "../../config/edit-contexts.ts";
import { text } from "../../flags/flag.ts";
import { pairs } from "../../flags/special.ts";

export default command({
  flags: {
    description: text("", "Description of the context"),
    docker: pairs("", "set the docker endpoint"),
  },
  arguments: exactly(1, "context"),
  async run(
    { chosen: { folder }, out, err },
    { values: { description, docker }, changed, args: [name = ""] },
  ) {
    checkName(name);
    const known = readContext(folder, name);
    const renewed = Object.keys(docker).length > 0 ? readEndpoint(docker) : undefined;
    const context = {
      ...known,
      ...(changed.has("description") ? { Metadata: { ...known.Metadata, Description: description } } : {}),
      ...(renewed ? { Endpoints: { ...known.Endpoints, docker: renewed.endpoint } } : {}),
    };
    writeContext(folder, context, renewed?.tls ?? readTlsFiles(folder, name));
    out.write(`${name}\n`);
    err.write(`Successfully updated context "${name}"\n`);
  },
});
