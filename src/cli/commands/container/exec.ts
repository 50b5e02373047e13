import { atLeast, command } from "../../command/command.ts";
import { bool, list, text } from "../../flags/flag.ts";

export default command({
  flags: {
    detach: bool("d", "Detached mode: run command in the background"),
    "detach-keys": text("", "Override the key sequence for detaching a container"),
    env: list("e", "Set environment variables"),
    "env-file": list("", "Read in a file of environment variables"),
    interactive: bool("i", "Keep STDIN open even if not attached"),
    privileged: bool("", "Give extended privileges to the command"),
    tty: bool("t", "Allocate a pseudo-TTY"),
    user: text("u", 'Username or UID (format: "<name|uid>[:<group|gid>]")'),
    workdir: text("w", "Working directory inside the container"),
  },
  arguments: atLeast(2),
  interspersed: false,
  async run(_context, _parsed) {
    throw new Error("not implemented yet");
  },
});
