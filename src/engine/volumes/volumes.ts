import { hasKind, invalidParameter } from "../../base/errors.ts";
import type { VolumeRecord } from "../../volume/index.ts";
import { matchesLabels } from "../containers/filters/labels.ts";
import type { Kit } from "../containers/kit.ts";
import { isTrue } from "../images/filters.ts";
import type { PruneReport } from "../prune/containers.ts";
import type { Filters, Labels } from "../views.ts";

export interface VolumeVerbs {
  list(filters: Filters): readonly VolumeRecord[];
  inspect(name: string): VolumeRecord;
  create(request: {
    readonly name: string | undefined;
    readonly driver: string | undefined;
    readonly options: Labels;
    readonly labels: Labels;
  }): Promise<VolumeRecord>;
  remove(name: string, force: boolean): Promise<void>;
  prune(filters: Filters): Promise<PruneReport>;
}

type Test = (volume: VolumeRecord) => boolean;

const TESTS: Readonly<Record<string, (wanted: readonly string[], kit: Kit) => Test>> = {
  name:
    (wanted) =>
    ({ name }) =>
      wanted.some((text) => name.includes(text)),
  driver:
    (wanted) =>
    ({ driver }) =>
      wanted.includes(driver),
  label:
    (wanted) =>
    ({ labels }) =>
      matchesLabels(labels, wanted),
  dangling: (wanted, kit) => {
    const dangling = isTrue("dangling", wanted);
    return ({ name }) => (kit.volumes.users(name).length === 0) === dangling;
  },
};

function volumeFilter(kit: Kit, filters: Filters): Test {
  const tests = [...filters].map(([name, wanted]) => {
    const make = Object.hasOwn(TESTS, name) ? TESTS[name] : undefined;
    if (!make) throw invalidParameter(`invalid filter '${name}'`);
    return wanted.length === 0 ? () => true : make(wanted, kit);
  });
  return (volume) => tests.every((test) => test(volume));
}

async function remove(kit: Kit, name: string, force: boolean): Promise<void> {
  const { driver } = hasVolume(kit, name) ? kit.volumes.get(name) : { driver: "local" };
  await kit.volumes.remove(name, { force });
  kit.events.publish("volume", "destroy", name, { driver });
}

const hasVolume = (kit: Kit, name: string): boolean =>
  kit.volumes.list().some((volume) => volume.name === name);

/** Volumes without users: those without a name, with the filter `all` every one. */
async function prune(kit: Kit, filters: Filters): Promise<PruneReport> {
  const unknown = [...filters.keys()].find((name) => !["label", "label!", "all"].includes(name));
  if (unknown !== undefined) throw invalidParameter(`invalid filter '${unknown}'`);
  const all = isTrue("all", filters.get("all") ?? ["false"]);
  const [wanted, unwanted] = [filters.get("label") ?? [], filters.get("label!") ?? []];
  const deleted: string[] = [];
  let reclaimed = 0;
  for (const { name, anonymous, labels } of kit.volumes.list()) {
    const hit = matchesLabels(labels, wanted) && !unwanted.some((text) => matchesLabels(labels, [text]));
    if ((!anonymous && !all) || !hit || kit.volumes.users(name).length > 0) continue;
    const bytes = await kit.volumes.usage(name);
    try {
      await remove(kit, name, false);
    } catch (error) {
      if (hasKind(error, "conflict") || hasKind(error, "notFound")) continue;
      throw error;
    }
    deleted.push(name);
    reclaimed += bytes;
  }
  kit.events.publish("volume", "prune", "", { reclaimed: String(reclaimed) });
  return { deleted, reclaimed };
}

export function createVolumes(kit: Kit): VolumeVerbs {
  return {
    list: (filters) => kit.volumes.list().filter(volumeFilter(kit, filters)),
    inspect: (name) => kit.volumes.get(name),
    create: async (request) => {
      const isNew = request.name === undefined || !hasVolume(kit, request.name);
      const volume = await kit.volumes.create(request);
      if (isNew) kit.events.publish("volume", "create", volume.name, { driver: volume.driver });
      return volume;
    },
    remove: (name, force) => remove(kit, name, force),
    prune: (filters) => prune(kit, filters),
  };
}
