import type { Command } from "commander";
import { connect } from "../../connection/connect.ts";
import type { Context } from "../../context.ts";
import { formatTable } from "../../format/table.ts";
import { formatAge } from "../../format/units.ts";

const HEADER = ["CONTAINER ID", "IMAGE", "COMMAND", "CREATED", "STATUS", "PORTS", "NAMES"] as const;
const COMMAND_WIDTH = 20;

interface Port {
  readonly IP?: string;
  readonly PrivatePort: number;
  readonly PublicPort?: number;
  readonly Type: string;
}

const showPort = ({ IP, PrivatePort, PublicPort, Type }: Port): string =>
  PublicPort
    ? `${IP?.includes(":") ? `[${IP}]` : (IP ?? "")}:${PublicPort}->${PrivatePort}/${Type}`
    : `${PrivatePort}/${Type}`;

const quote = (text: string, cut: boolean): string =>
  `"${cut && text.length > COMMAND_WIDTH ? `${text.slice(0, COMMAND_WIDTH - 1)}…` : text}"`;

export function configure(command: Command, context: Context): void {
  command
    .option("-a, --all", "also those that do not run")
    .option("-q, --quiet", "only ids")
    .option("--no-trunc", "whole ids and commands")
    .action(async ({ all, quiet, trunc }: { all?: boolean; quiet?: boolean; trunc: boolean }) => {
      const containers = await connect(context.endpoint()).call("ContainerList", { all: all === true });
      const idOf = (id: string) => (trunc ? id.slice(0, 12) : id);
      if (quiet) {
        for (const { Id } of containers) context.out.write(`${idOf(Id)}\n`);
        return;
      }
      const rows = containers.map(({ Id, Image, Command: line, Created, Status, Ports, Names }) => [
        idOf(Id),
        Image,
        quote(line, trunc),
        formatAge(Date.now() / 1000 - Created),
        Status,
        (Ports ?? []).map(showPort).join(", "),
        (Names ?? []).map((name) => name.replace(/^\//, "")).join(","),
      ]);
      context.out.write(formatTable(HEADER, rows));
    });
}
