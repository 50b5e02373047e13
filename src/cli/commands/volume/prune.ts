import { command, noArguments } from "../../command/command.ts";
import { prune } from "../../command/prune.ts";
import { VOLUME_PRUNE_FILTERS } from "../../flags/filter-names.ts";
import { bool, filters } from "../../flags/flag.ts";

export default command({
  flags: {
    all: bool("a", "Remove all unused volumes, not just anonymous ones"),
    filter: filters("", 'Provide filter values (e.g. "label=<label>")', VOLUME_PRUNE_FILTERS),
    force: bool("f", "Do not prompt for confirmation"),
  },
  arguments: noArguments,
  run(context, { values: { all, filter, force } }) {
    if (all && filter.has("all"))
      throw new Error("conflicting options: cannot specify both --all and --filter all=1");
    return prune(context, {
      warning: all
        ? "WARNING! This will remove all local volumes not used by at least one container."
        : "WARNING! This will remove anonymous local volumes not used by at least one container.",
      force,
      filter: all ? new Map(filter).set("all", ["true"]) : filter,
      async act(filters) {
        const { VolumesDeleted, SpaceReclaimed } = await context.client().call("VolumePrune", { filters });
        return { title: "Deleted Volumes:", removed: VolumesDeleted ?? [], space: SpaceReclaimed };
      },
    });
  },
});
