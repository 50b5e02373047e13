import { setTimeout as sleep } from "node:timers/promises";
import { anyArguments, command } from "../../command/command.ts";
import type { Context } from "../../context.ts";
import { bool } from "../../flags/flag.ts";
import { listFormatFlag } from "../../format/help.ts";
import { formatItems, showItems } from "../../format/listing.ts";
import { statsListing } from "../../format/stats.ts";
import { StatsBoard } from "./stats-board.ts";

const REDRAW_MS = 500;

async function sample({ client }: Context, id: string) {
  for await (const stats of await client().lines("ContainerStats", { id, stream: false }))
    return { container: id, stats };
  return { container: id, stats: undefined };
}

/** Containers that begin and end while we watch. */
async function followContainers({ client }: Context, board: StatsBoard, all: boolean): Promise<void> {
  const filters = new Map([["type", ["container"]]]);
  for await (const { Action, Actor } of await client().lines("SystemEvents", { filters })) {
    if (Action === "start" || (all && Action === "create")) board.watch(Actor.ID);
    if (Action === "destroy" || (!all && Action === "die")) board.leave(Actor.ID);
  }
}

/** Draws over what was drawn before, on a terminal; elsewhere each table follows the one before. */
async function draw(
  { out }: Context,
  board: StatsBoard,
  format: (lines: ReturnType<StatsBoard["lines"]>) => Promise<string>,
): Promise<never> {
  if (out.live) out.write("\x1b[2J");
  for (;;) {
    const text = await format(board.lines());
    out.write(out.live ? `\x1b[H${text.replaceAll("\n", "\x1b[K\n")}\x1b[J` : text);
    await sleep(REDRAW_MS);
  }
}

export default command({
  flags: {
    all: bool("a", "Show all containers (default shows just running)"),
    format: listFormatFlag(),
    "no-stream": bool("", "Disable streaming stats and only pull the first result"),
    "no-trunc": bool("", "Do not truncate output"),
  },
  arguments: anyArguments("runningContainer"),
  async run(context, { values: flags, args }) {
    const { client, config, out } = context;
    const format = flags.format || config().statsFormat || "table";
    const listing = statsListing(!flags["no-trunc"]);
    if (flags.all && args.length > 0)
      throw new Error("conflicting options: cannot specify both --all and a list of containers");
    const names =
      args.length > 0 ? args : (await client().call("ContainerList", { all: flags.all })).map(({ Id }) => Id);
    if (flags["no-stream"]) {
      const measured = await Promise.all(names.map((id) => sample(context, id)));
      await showItems(
        out,
        listing,
        format,
        measured.filter((line) => args.length > 0 || flags.all || line.stats),
      );
      return;
    }
    const board = new StatsBoard(client());
    for (const name of names) {
      // A name that is not there is said at once, not shown as an empty line for ever.
      if (args.length > 0) await client().call("ContainerInspect", { id: name });
      board.watch(name);
    }
    if (args.length === 0) void followContainers(context, board, flags.all);
    await draw(context, board, (lines) => formatItems(listing, format, lines));
  },
});
