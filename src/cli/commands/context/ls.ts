import { command, noArguments } from "../../command/command.ts";
import { listContexts } from "../../config/contexts.ts";
import { currentContext, DEFAULT_CONTEXT, defaultEndpoint } from "../../connection/choose.ts";
import { formatEndpoint } from "../../connection/endpoint.ts";
import { bool } from "../../flags/flag.ts";
import { contextListing, type ListedContext } from "../../format/contexts.ts";
import { listFormatFlag } from "../../format/help.ts";
import { showItems } from "../../format/listing.ts";
import { compareNatural } from "../../format/natural.ts";

export default command({
  flags: {
    format: listFormatFlag(),
    quiet: bool("q", "Only show context names"),
  },
  arguments: noArguments,
  async run({ chosen, env, config, out, err }, { values: { format, quiet } }) {
    const current = currentContext(chosen, env, config);
    const stored = listContexts(chosen.folder).map(
      ({ Name, Metadata, Endpoints }): ListedContext => ({
        name: Name,
        description: Metadata?.Description ?? "",
        endpoint: Endpoints?.["docker"]?.Host ?? "",
        current: Name === current,
      }),
    );
    const usual: ListedContext = {
      name: DEFAULT_CONTEXT,
      description: "Current DOCKER_HOST based configuration",
      endpoint: formatEndpoint(defaultEndpoint(chosen, env)),
      current: current === DEFAULT_CONTEXT,
    };
    const contexts = [...stored, usual].sort((a, b) => compareNatural(a.name, b.name));
    if (quiet) out.write(contexts.map(({ name }) => `${name}\n`).join(""));
    else await showItems(out, contextListing, format || "table", contexts);
    const variable = ["WHARF_HOST", "DOCKER_HOST"].find((candidate) => env[candidate]);
    if (variable)
      err.write(
        `Warning: ${variable} environment variable overrides the active context. To use a context, either set the global --context flag, or unset ${variable} environment variable.\n`,
      );
  },
});
