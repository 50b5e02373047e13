import { command, noArguments } from "../../command/command.ts";
import { prune } from "../../command/prune.ts";
import { BUILD_PRUNE_FILTERS } from "../../flags/filter-names.ts";
import { bool, bytes, filters } from "../../flags/flag.ts";

export default command({
  flags: {
    all: bool("a", "Remove all unused build cache, not just dangling ones"),
    filter: filters("", 'Provide filter values (e.g. "until=24h")', BUILD_PRUNE_FILTERS),
    force: bool("f", "Do not prompt for confirmation"),
    "keep-storage": bytes("", "Amount of disk space to keep for cache"),
  },
  arguments: noArguments,
  run: (context, { values: flags }) =>
    prune(context, {
      warning: flags.all
        ? "WARNING! This will remove all build cache."
        : "WARNING! This will remove all dangling build cache.",
      force: flags.force,
      filter: flags.filter,
      async act(filters) {
        const query = { all: flags.all, "keep-storage": flags["keep-storage"], filters };
        const { CachesDeleted, SpaceReclaimed } = await context.client().call("BuildPrune", query);
        return { title: "Deleted build cache objects:", removed: CachesDeleted ?? [], space: SpaceReclaimed };
      },
    }),
});
