import { command, noArguments } from "../../command/command.ts";
import { prune } from "../../command/prune.ts";
import { IMAGE_PRUNE_FILTERS } from "../../flags/filter-names.ts";
import { bool, filters } from "../../flags/flag.ts";
import { deletedLine } from "../../format/images.ts";

export default command({
  flags: {
    all: bool("a", "Remove all unused images, not just dangling ones"),
    filter: filters("", 'Provide filter values (e.g. "until=<timestamp>")', IMAGE_PRUNE_FILTERS),
    force: bool("f", "Do not prompt for confirmation"),
  },
  arguments: noArguments,
  run: (context, { values: { all, filter, force } }) =>
    prune(context, {
      warning: all
        ? "WARNING! This will remove all images without at least one container associated to them."
        : "WARNING! This will remove all dangling images.",
      force,
      filter: new Map(filter).set("dangling", [String(!all)]),
      async act(filters) {
        const { ImagesDeleted, SpaceReclaimed } = await context.client().call("ImagePrune", { filters });
        const removed = (ImagesDeleted ?? []).map(deletedLine);
        return { title: "Deleted Images:", removed, space: SpaceReclaimed };
      },
    }),
});
