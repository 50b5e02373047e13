import { conflict, hasKind } from "../../base/errors.ts";
import type { CreateVolume, VolumeDetails, VolumeList, VolumeRecord } from "../../volume/index.ts";
import { findVolume } from "../containers/create-volumes.ts";
import type { Kit } from "../containers/kit.ts";
import type { PruneReport } from "../prune/containers.ts";
import type { Filters } from "../views.ts";
import { type VolumeCopies, volumeCopies } from "./copies.ts";
import { listFilter, pruneFilter } from "./filters.ts";

export interface VolumeUsage {
  readonly name: string;
  readonly driver: string;
  /** Bytes; -1 where its driver does not say. */
  readonly size: number;
  readonly containers: readonly { readonly id: string; readonly name: string; readonly state: string }[];
}

export interface VolumeVerbs extends VolumeCopies {
  list(filters: Filters): Promise<VolumeList>;
  inspect(name: string): Promise<VolumeDetails>;
  create(request: CreateVolume): Promise<VolumeRecord>;
  remove(name: string, force: boolean): Promise<void>;
  prune(filters: Filters): Promise<PruneReport>;
  usage(): Promise<readonly VolumeUsage[]>;
}

/** Sizes are counted on threads, a few volumes at a time. */
const usage = (kit: Kit): Promise<readonly VolumeUsage[]> =>
  Promise.all(
    kit.volumes.list().map(async ({ name, driver }) => ({
      name,
      driver,
      size: await kit.volumes.usage(name),
      containers: kit.volumes.users(name).flatMap((id) => {
        const container = kit.table.get(id);
        return container ? [{ id, name: container.name, state: container.state.status }] : [];
      }),
    })),
  );

async function remove(kit: Kit, name: string, force: boolean): Promise<void> {
  const { driver } = findVolume(kit, name) ?? { driver: "local" };
  if (await kit.volumes.remove(name, { force })) kit.events.publish("volume", "destroy", name, { driver });
}

/** Volumes without users: those without a name, with the filter `all` every one. */
async function prune(kit: Kit, filters: Filters): Promise<PruneReport> {
  const isWanted = pruneFilter(filters);
  const deleted: string[] = [];
  let reclaimed = 0;
  for (const volume of kit.volumes.list()) {
    const { name } = volume;
    if (!isWanted(volume) || kit.volumes.users(name).length > 0) continue;
    try {
      const bytes = await kit.volumes.usage(name).catch(() => 0);
      await remove(kit, name, false);
      reclaimed += bytes;
    } catch (error) {
      // Somebody has come to use it, or was quicker.
      if (hasKind(error, "conflict") || hasKind(error, "notFound")) continue;
      throw error;
    }
    deleted.push(name);
  }
  kit.events.publish("volume", "prune", "", { reclaimed: String(reclaimed) });
  return { deleted, reclaimed };
}

export function createVolumes(kit: Kit): VolumeVerbs {
  let pruning = false;
  return {
    ...volumeCopies(kit),
    usage: () => usage(kit),
    list: async (filters) => {
      const isWanted = listFilter(kit, filters);
      const { volumes, warnings } = await kit.volumes.listAll();
      return { volumes: volumes.filter(isWanted), warnings };
    },
    inspect: (name) => kit.volumes.find(name),
    create: async (request) => {
      const isNew = request.name === undefined || !findVolume(kit, request.name);
      const volume = await kit.volumes.create(request);
      if (isNew) kit.events.publish("volume", "create", volume.name, { driver: volume.driver });
      return volume;
    },
    remove: (name, force) => remove(kit, name, force),
    prune: async (filters) => {
      if (pruning) throw conflict("a prune operation is already running");
      pruning = true;
      try {
        return await prune(kit, filters);
      } finally {
        pruning = false;
      }
    },
  };
}
