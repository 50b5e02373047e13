import { command, exactly } from "../../command/command.ts";
import { bool, text } from "../../flags/flag.ts";

export default command({
  flags: {
    "detach-keys": text("", "Override the key sequence for detaching a container"),
    "no-stdin": bool("", "Do not attach STDIN"),
    "sig-proxy": bool("", "Proxy all received signals to the process", true),
  },
  arguments: exactly(1),
  async run(_context, _parsed) {
    throw new Error("not implemented yet");
  },
});
