import { VERSION } from "../../../base/version.ts";
import { command, noArguments } from "../../command/command.ts";
import { currentContext } from "../../connection/choose.ts";
import type { Context } from "../../context.ts";
import { formatFlag } from "../../format/help.ts";
import { clientInfoText, serverInfoText } from "../../format/info.ts";
import { showOne } from "../../format/one.ts";
import { openStruct } from "../../inspect/shape.ts";

const clientInfo = ({ chosen, env, config }: Context) => ({
  Debug: chosen.debug,
  Version: VERSION,
  DefaultAPIVersion: "1.50",
  GitCommit: "",
  GoVersion: `node ${process.versions.node}`,
  Os: process.platform as string,
  Arch: process.arch === "x64" ? "amd64" : process.arch,
  BuildTime: "",
  Context: currentContext(chosen, env, config),
  Plugins: [],
  Warnings: null,
});

export default command({
  flags: {
    format: formatFlag("f"),
  },
  arguments: noArguments,
  async run(context, { values: { format } }) {
    const { client, out, err } = context;
    const ClientInfo = clientInfo(context);
    // What is known without an engine is said even when none answers.
    const asked = await client()
      .call("SystemInfo")
      .then((info) => ({ info }))
      .catch((error: unknown) => ({ error }));
    if (format) {
      if ("error" in asked && format !== "json") throw asked.error;
      const known = "info" in asked ? asked.info : {};
      await showOne(out, openStruct("system.dockerInfo", { ...known, ClientInfo }), format);
      if ("error" in asked) throw asked.error;
      return;
    }
    out.write(clientInfoText(ClientInfo));
    if ("error" in asked) {
      out.write("Server:\n");
      throw asked.error;
    }
    out.write(serverInfoText(asked.info));
    for (const warning of asked.info.Warnings ?? []) err.write(`${warning}\n`);
  },
});
