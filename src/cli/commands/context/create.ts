import { command, exactly } from "../../command/command.ts";
import { readContext, readTlsFiles } from "../../config/contexts.ts";
import { checkName, contextExists, readEndpoint, writeContext } from "../../config/edit-contexts.ts";
import { DEFAULT_CONTEXT, defaultEndpoint } from "../../connection/choose.ts";
import { formatEndpoint } from "../../connection/endpoint.ts";
import type { Context } from "../../context.ts";
import { offer, text } from "../../flags/flag.ts";
import { pairs } from "../../flags/special.ts";

function copyOf({ chosen, env }: Context, source: string) {
  if (source === DEFAULT_CONTEXT)
    return {
      endpoint: { Host: formatEndpoint(defaultEndpoint(chosen, env)), SkipTLSVerify: false },
      tls: {},
      Description: "",
    };
  const { Metadata, Endpoints } = readContext(chosen.folder, source);
  const { Host = "", SkipTLSVerify = false } = Endpoints?.["docker"] ?? {};
  const Description = Metadata?.Description ?? "";
  return { endpoint: { Host, SkipTLSVerify }, tls: readTlsFiles(chosen.folder, source), Description };
}

export default command({
  flags: {
    description: text("", "Description of the context"),
    docker: pairs("", "set the docker endpoint"),
    from: offer("context", text("", "create context from a named context")),
  },
  arguments: exactly(1, "word"),
  async run(context, { values: { description, docker, from }, args: [Name = ""] }) {
    const { folder } = context.chosen;
    checkName(Name);
    if (contextExists(folder, Name)) throw new Error(`context ${JSON.stringify(Name)} already exists`);
    const source = from || docker["from"];
    const { endpoint, tls, Description } = source
      ? copyOf(context, source)
      : { ...readEndpoint(docker), Description: "" };
    const Metadata = description || Description ? { Description: description || Description } : {};
    writeContext(folder, { Name, Metadata, Endpoints: { docker: endpoint } }, tls);
    context.out.write(`${Name}\n`);
    context.err.write(`Successfully created context "${Name}"\n`);
  },
});
