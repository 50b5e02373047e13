import { atLeast, command } from "../../command/command.ts";
import { MANIFEST_LISTS } from "../../registry/unsupported.ts";

export default command({
  flags: {},
  arguments: atLeast(1),
  async run() {
    throw new Error(MANIFEST_LISTS);
  },
});
