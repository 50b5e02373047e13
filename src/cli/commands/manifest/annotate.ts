import { command, exactly } from "../../command/command.ts";
import { strings, text } from "../../flags/flag.ts";
import { MANIFEST_LISTS } from "../../registry/unsupported.ts";

export default command({
  flags: {
    arch: text("", "Set architecture"),
    os: text("", "Set operating system"),
    "os-features": strings("", "Set operating system feature"),
    "os-version": text("", "Set operating system version"),
    variant: text("", "Set architecture variant"),
  },
  arguments: exactly(2),
  async run() {
    throw new Error(MANIFEST_LISTS);
  },
});
