import { command, exactly } from "../../command/command.ts";
import { readContext, readTlsFiles } from "../../config/contexts.ts";
import {
  aboutEndpoints,
  checkName,
  endpointFlag,
  endpointFrom,
  readEndpoint,
  writeContext,
} from "../../config/edit-contexts.ts";
import { text } from "../../flags/flag.ts";

export default command({
  flags: {
    description: text("", "Description of the context"),
    docker: endpointFlag(),
  },
  arguments: exactly(1, "context"),
  about: aboutEndpoints("Update a context", "update"),
  async run(surroundings, { values: { description, docker }, changed, args: [name = ""] }) {
    const { chosen, out, err } = surroundings;
    const { folder } = chosen;
    checkName(name);
    const known = readContext(folder, name);
    const renewed =
      Object.keys(docker).length === 0
        ? undefined
        : docker["from"]
          ? endpointFrom(surroundings, docker["from"])
          : readEndpoint(docker);
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
