import { atMost, command } from "../../command/command.ts";
import { bool, text } from "../../flags/flag.ts";

export default command({
  flags: {
    password: text("p", "Password or Personal Access Token (PAT)"),
    "password-stdin": bool("", "Take the Password or Personal Access Token (PAT) from stdin"),
    username: text("u", "Username"),
  },
  arguments: atMost(1),
  async run(_context, _parsed) {
    throw new Error("not implemented yet");
  },
});
