import { command, exactly } from "../../command/command.ts";
import { bool } from "../../flags/flag.ts";
import { MANIFEST_LISTS } from "../../registry/unsupported.ts";

export default command({
  flags: {
    insecure: bool("", "Allow push to an insecure registry"),
    purge: bool("p", "Remove the local manifest list after push"),
  },
  arguments: exactly(1),
  async run() {
    throw new Error(MANIFEST_LISTS);
  },
});
