import type { Command } from "commander";
import { VERSION } from "../../../base/version.ts";
import { connect } from "../../connection/connect.ts";
import type { Context } from "../../context.ts";
import { formatTable } from "../../format/table.ts";

export function configure(command: Command, context: Context): void {
  command.action(async () => {
    context.out.write(
      formatTable(
        ["Client:", "Wharf"],
        [
          [" Version:", VERSION],
          [" Node:", process.versions.node],
        ],
      ),
    );
    const version = await connect(context.endpoint()).call("SystemVersion");
    const name = version.Platform.Name;
    const rows = [
      [" Version:", version.Version],
      [" API version:", `${version.ApiVersion} (minimum version ${version.MinAPIVersion})`],
      [" OS/Arch:", `${version.Os}/${version.Arch}`],
    ];
    context.out.write(`\n${formatTable(["Server:", name], rows)}`);
  });
}
