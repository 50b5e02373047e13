import { between, command } from "../../command/command.ts";
import { bool } from "../../flags/flag.ts";
import { MANIFEST_LISTS } from "../../registry/unsupported.ts";

export default command({
  flags: {
    insecure: bool("", "Allow communication with an insecure registry"),
    verbose: bool("v", "Output additional info including layers and platform"),
  },
  arguments: between(1, 2),
  async run() {
    throw new Error(MANIFEST_LISTS);
  },
});
