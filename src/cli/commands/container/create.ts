import { atLeast, command } from "../../command/command.ts";
import { bool, offer, text } from "../../flags/flag.ts";
import { checkPull, createContainer, proxyVariables } from "../../run/create.ts";
import { runFailure } from "../../run/failure.ts";
import { CONTAINER_FLAGS } from "../../run/flags.ts";
import { containerRequest } from "../../run/request.ts";

export default command({
  flags: {
    ...CONTAINER_FLAGS,
    "disable-content-trust": bool("", "Skip image verification", true),
    name: text("", "Assign a name to the container"),
    platform: offer("platform", text("", "Set platform if server is multi-platform capable")),
    pull: offer(
      ["always", "missing", "never"],
      text("", 'Pull image before creating ("always", "|missing", "never")', "missing"),
    ),
    quiet: bool("q", "Suppress the pull output"),
    "use-api-socket": bool("", "Bind mount Docker API socket and required auth"),
  },
  arguments: atLeast(1, "image", "word"),
  interspersed: false,
  async run(context, parsed) {
    try {
      checkPull(parsed.values.pull);
      const body = containerRequest(parsed, parsed.args, proxyVariables(context));
      context.out.write(`${await createContainer(context, body, parsed.values)}\n`);
    } catch (error) {
      throw runFailure(error, "create");
    }
  },
});
