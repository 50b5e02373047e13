import { command, exactly } from "../../command/command.ts";
import {
  aboutEndpoints,
  checkName,
  contextExists,
  endpointFlag,
  endpointFrom,
  readEndpoint,
  writeContext,
} from "../../config/edit-contexts.ts";
import { offer, text } from "../../flags/flag.ts";

export default command({
  flags: {
    description: text("", "Description of the context"),
    docker: endpointFlag(),
    from: offer("context", text("", "create context from a named context")),
  },
  arguments: exactly(1, "word"),
  about: aboutEndpoints("Create a context", "create"),
  async run(context, { values: { description, docker, from }, args: [Name = ""] }) {
    const { folder } = context.chosen;
    checkName(Name);
    if (contextExists(folder, Name)) throw new Error(`context ${JSON.stringify(Name)} already exists`);
    const source = from || docker["from"];
    const { endpoint, tls, Description } = source
      ? endpointFrom(context, source)
      : { ...readEndpoint(docker), Description: "" };
    const Metadata = description || Description ? { Description: description || Description } : {};
    writeContext(folder, { Name, Metadata, Endpoints: { docker: endpoint } }, tls);
    context.out.write(`${Name}\n`);
    context.err.write(`Successfully created context "${Name}"\n`);
  },
});
