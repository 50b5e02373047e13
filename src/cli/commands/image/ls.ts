import type { Command } from "commander";
import { connect } from "../../connection/connect.ts";
import type { Context } from "../../context.ts";
import { formatTable } from "../../format/table.ts";
import { formatAge, formatBytes } from "../../format/units.ts";

const HEADER = ["REPOSITORY", "TAG", "IMAGE ID", "CREATED", "SIZE"] as const;

export function configure(command: Command, context: Context): void {
  command
    .option("-q, --quiet", "only ids")
    .option("--no-trunc", "whole ids")
    .action(async ({ quiet, trunc }: { quiet?: boolean; trunc: boolean }) => {
      const images = await connect(context.endpoint()).call("ImageList");
      const idOf = (id: string) => (trunc ? id.replace(/^sha256:/, "").slice(0, 12) : id);
      if (quiet) {
        for (const { Id } of images) context.out.write(`${idOf(Id)}\n`);
        return;
      }
      const rows = images.flatMap(({ Id, RepoTags, Created, Size }) =>
        (RepoTags?.length ? RepoTags : ["<none>:<none>"]).map((name) => {
          const colon = name.lastIndexOf(":");
          const age = formatAge(Date.now() / 1000 - Created);
          return [name.slice(0, colon), name.slice(colon + 1), idOf(Id), age, formatBytes(Size)];
        }),
      );
      context.out.write(formatTable(HEADER, rows));
    });
}
