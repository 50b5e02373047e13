import { command, noArguments } from "../../command/command.ts";
import { prune } from "../../command/prune.ts";
import { PRUNE_FILTERS } from "../../flags/filter-names.ts";
import { bool, filters } from "../../flags/flag.ts";

export default command({
  flags: {
    filter: filters("", 'Provide filter values (e.g. "until=<timestamp>")', PRUNE_FILTERS),
    force: bool("f", "Do not prompt for confirmation"),
  },
  arguments: noArguments,
  run: (context, { values: { filter, force } }) =>
    prune(context, {
      warning: "WARNING! This will remove all stopped containers.",
      force,
      filter,
      async act(filters) {
        const { ContainersDeleted, SpaceReclaimed } = await context
          .client()
          .call("ContainerPrune", { filters });
        return { title: "Deleted Containers:", removed: ContainersDeleted ?? [], space: SpaceReclaimed };
      },
    }),
});
