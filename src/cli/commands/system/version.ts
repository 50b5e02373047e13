import type { VersionAnswer } from "../../../api/schema/system.ts";
import { VERSION } from "../../../base/version.ts";
import { command, noArguments } from "../../command/command.ts";
import { currentContext } from "../../connection/choose.ts";
import type { Context } from "../../context.ts";
import { formatFlag } from "../../format/help.ts";
import { showOne } from "../../format/one.ts";
import { layOut } from "../../format/tabs.ts";
import { Shaped } from "../../inspect/shape.ts";
import { shapeOf } from "../../inspect/shapes.ts";

const API = "1.50";
const ARCHITECTURES: Readonly<Record<string, string>> = { x64: "amd64" };

function clientVersion({ chosen, env, config }: Context) {
  return {
    Version: VERSION,
    ApiVersion: env["DOCKER_API_VERSION"] || API,
    DefaultAPIVersion: API,
    GitCommit: "",
    GoVersion: `node ${process.versions.node}`,
    Os: process.platform as string,
    Arch: ARCHITECTURES[process.arch] ?? process.arch,
    BuildTime: "",
    Context: currentContext(chosen, env, config),
  };
}

type ClientVersion = ReturnType<typeof clientVersion>;

const clientText = (client: ClientVersion): string => `Client: Wharf
 Version:\t${client.Version}
 API version:\t${client.ApiVersion}
 Node version:\t${process.versions.node}
 OS/Arch:\t${client.Os}/${client.Arch}
 Context:\t${client.Context}
`;

/** The engine's own component comes in docker's order, others with their details by name. */
function componentText({ Name, Version, Details = {} }: VersionAnswer["Components"][number]): string {
  const rows =
    Name === "Engine"
      ? [
          ["Version", Version],
          ["API version", `${Details["ApiVersion"]} (minimum version ${Details["MinAPIVersion"]})`],
          ["Go version", Details["GoVersion"]],
          ["Git commit", Details["GitCommit"]],
          ["Built", Details["BuildTime"]],
          ["OS/Arch", `${Details["Os"]}/${Details["Arch"]}`],
          ["Experimental", Details["Experimental"]],
        ]
      : [["Version", Version], ...Object.entries(Details).sort(([a], [b]) => (a < b ? -1 : 1))];
  return ` ${Name}:\n${rows.map(([name, value]) => `  ${name}:\t${value ?? ""}`).join("\n")}\n`;
}

const serverText = ({ Platform, Components }: VersionAnswer): string =>
  `Server:${Platform.Name ? ` ${Platform.Name}` : ""}\n${(Components ?? []).map(componentText).join("")}`;

function shaped(document: Readonly<Record<string, unknown>>) {
  const shape = shapeOf("version");
  return shape ? new Shaped(shape, document) : document;
}

const WIDTHS = { minWidth: 20, padding: 1 };

export default command({
  flags: {
    format: formatFlag("f"),
  },
  arguments: noArguments,
  async run(context, { values: { format } }) {
    const client = clientVersion(context);
    // What is known without an engine is said even when none answers.
    const asked = await context
      .client()
      .call("SystemVersion")
      .then((server) => ({ server }))
      .catch((error: unknown) => ({ error }));
    const server = "server" in asked ? asked.server : undefined;
    if (format)
      await showOne(context.out, shaped({ Client: client, Server: server ?? null }), format, "version");
    else context.out.write(layOut(clientText(client) + (server ? `\n${serverText(server)}` : ""), WIDTHS));
    if ("error" in asked) throw asked.error;
  },
});
