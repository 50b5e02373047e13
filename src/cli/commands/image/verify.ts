import { command, noArguments } from "../../command/command.ts";
import { bool } from "../../flags/flag.ts";
import { formatTable } from "../../format/table.ts";
import { formatBytes, shortId } from "../../format/units.ts";

const HEADER = ["KIND", "ID", "STATUS", "SIZE", "DETAIL"] as const;

/** Ends with 1 when anything is wrong, so that scripts notice. */
export default command({
  flags: { all: bool("a", "Show what is right, too") },
  arguments: noArguments,
  async run({ client, out }, { values: { all } }) {
    const rows: string[][] = [];
    let [wrong, count, total] = [0, 0, 0];
    for await (const line of await client().lines("WharfImageVerify")) {
      if ("error" in line) throw new Error(String(line.error));
      const { kind, id, name, status, bytes, detail = "" } = line;
      count++;
      total += kind === "layer" ? bytes : 0;
      if (status !== "ok") wrong++;
      if (all || status !== "ok") rows.push([kind, name ?? shortId(id), status, formatBytes(bytes), detail]);
    }
    if (rows.length > 0) out.write(formatTable(HEADER, rows));
    out.write(`${count} layers and images checked (${formatBytes(total)}), ${wrong} damaged or missing\n`);
    return wrong > 0 ? 1 : 0;
  },
});
