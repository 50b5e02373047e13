import { command, exactly } from "../../command/command.ts";
import { bool, filters, int, text } from "../../flags/flag.ts";

export default command({
  flags: {
    filter: filters("f", "Filter output based on conditions provided"),
    format: text("", "Pretty-print search using a Go template"),
    limit: int("", "Max number of search results"),
    "no-trunc": bool("", "Don't truncate output"),
  },
  arguments: exactly(1),
  async run() {
    throw new Error("registries of the current protocol have no search; look at the registry's web page");
  },
});
