import { atLeast, command } from "../../command/command.ts";
import { forEachInTurn } from "../../command/for-each.ts";
import { bool } from "../../flags/flag.ts";

export default command({
  flags: {
    force: bool("f", "Force the removal of one or more volumes"),
  },
  arguments: atLeast(1, "volume"),
  about: "Remove one or more volumes. You cannot remove a volume that is in use by a container.",
  run: (context, { values: { force }, args }) =>
    forEachInTurn(context, args, async (name) => {
      await context.client().call("VolumeDelete", { name, force });
      return name;
    }),
});
