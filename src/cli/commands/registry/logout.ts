import { atMost, command } from "../../command/command.ts";
import { forgetCredentials } from "../../registry/keep.ts";
import { HUB } from "../../registry/reference.ts";

export default command({
  flags: {},
  arguments: atMost(1, "word"),
  about: "Log out from a registry.\nIf no server is specified, the default is defined by the daemon.",
  async run(context, { args: [server = ""] }) {
    const registry =
      server === "" || server === "docker.io" ? HUB : server.replace(/^https?:\/\//, "").replace(/\/.*$/, "");
    context.out.write(`Removing login credentials for ${registry}\n`);
    await forgetCredentials(context, context.chosen.folder, registry);
  },
});
