import { confirm } from "../../command/ask.ts";
import { command, noArguments } from "../../command/command.ts";
import { pruneFilters } from "../../command/prune.ts";
import type { Context } from "../../context.ts";
import { PRUNE_FILTERS } from "../../flags/filter-names.ts";
import { bool, filters } from "../../flags/flag.ts";
import { deletedLine } from "../../format/images.ts";
import { formatSize } from "../../format/units.ts";

type Filters = ReadonlyMap<string, readonly string[]>;

function warningText(all: boolean, volumes: boolean, filters: Filters): string {
  const what = [
    "all stopped containers",
    "all networks not used by at least one container",
    ...(volumes ? ["all anonymous volumes not used by at least one container"] : []),
    all ? "all images without at least one container associated to them" : "all dangling images",
    all ? "all build cache" : "unused build cache",
  ];
  const lines = what.map((line) => `  - ${line}\n`).join("");
  const words = [...filters].flatMap(([name, values]) => values.map((value) => `${name}=${value}`));
  const items =
    words.length > 0
      ? `\n  Items to be pruned will be filtered with:\n${words.map((word) => `  - ${word}\n`).join("")}`
      : "";
  return `WARNING! This will remove:\n${lines}${items}\nAre you sure you want to continue?`;
}

/** What is removed, in an order in which each step sets free what the next one may remove. */
function steps({ client }: Context, filters: Filters, all: boolean, volumes: boolean) {
  const engine = client();
  const containers = async () => {
    const { ContainersDeleted, SpaceReclaimed } = await engine.call("ContainerPrune", { filters });
    return { title: "Deleted Containers:", removed: ContainersDeleted ?? [], space: SpaceReclaimed };
  };
  const networks = async () => {
    const { NetworksDeleted } = await engine.call("NetworkPrune", { filters });
    return { title: "Deleted Networks:", removed: NetworksDeleted ?? [], space: 0 };
  };
  const anonymous = async () => {
    const { VolumesDeleted, SpaceReclaimed } = await engine.call("VolumePrune", { filters });
    return { title: "Deleted Volumes:", removed: VolumesDeleted ?? [], space: SpaceReclaimed };
  };
  const images = async () => {
    const query = { filters: new Map(filters).set("dangling", [String(!all)]) };
    const { ImagesDeleted, SpaceReclaimed } = await engine.call("ImagePrune", query);
    return {
      title: "Deleted Images:",
      removed: (ImagesDeleted ?? []).map(deletedLine),
      space: SpaceReclaimed,
    };
  };
  const cache = async () => {
    const { CachesDeleted, SpaceReclaimed } = await engine.call("BuildPrune", {
      all,
      filters: withoutLabels(filters),
    });
    return { title: "Deleted build cache objects:", removed: CachesDeleted ?? [], space: SpaceReclaimed };
  };
  return [containers, networks, ...(volumes ? [anonymous] : []), images, cache];
}

/** The build cache has no labels. */
const withoutLabels = (filters: Filters): Filters =>
  new Map([...filters].filter(([name]) => !name.startsWith("label")));

export default command({
  flags: {
    all: bool("a", "Remove all unused images not just dangling ones"),
    filter: filters("", 'Provide filter values (e.g. "label=<key>=<value>")', PRUNE_FILTERS),
    force: bool("f", "Do not prompt for confirmation"),
    volumes: bool("", "Prune anonymous volumes"),
  },
  arguments: noArguments,
  async run(context, { values: { all, filter, force, volumes } }) {
    if (volumes && filter.has("until"))
      throw new Error('ERROR: The "until" filter is not supported with "--volumes"');
    const filters = pruneFilters(context, filter);
    if (!force && !(await confirm(context, warningText(all, volumes, filters)))) return;
    let total = 0;
    for (const step of steps(context, filters, all, volumes)) {
      const { title, removed, space } = await step();
      if (removed.length > 0) context.out.write(`${title}\n${removed.join("\n")}\n\n`);
      total += space;
    }
    context.out.write(`Total reclaimed space: ${formatSize(total)}\n`);
  },
});
