import { atLeast, command } from "../../command/command.ts";
import { bool } from "../../flags/flag.ts";
import { MANIFEST_LISTS } from "../../registry/unsupported.ts";

export default command({
  flags: {
    amend: bool("a", "Amend an existing manifest list"),
    insecure: bool("", "Allow communication with an insecure registry"),
  },
  arguments: atLeast(2),
  async run() {
    throw new Error(MANIFEST_LISTS);
  },
});
