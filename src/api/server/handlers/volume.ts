import { unavailable } from "../../../base/errors.ts";
import type { volumeRoutes } from "../../routes/volume.ts";
import type { Handlers } from "../call.ts";
import { encodeVolume } from "../encode/volume.ts";

const NO_SWARM =
  'This node is not a swarm manager. Use "docker swarm init" or "docker swarm join" to connect this node to swarm and try again.';

export const volumeHandlers: Handlers<typeof volumeRoutes> = {
  async VolumeList({ args, engine }) {
    const { volumes, warnings } = await engine.volumes.list(args.filters);
    return { Volumes: volumes.map(encodeVolume), Warnings: warnings.length > 0 ? warnings : null };
  },
  VolumeInspect: async ({ args, engine }) => encodeVolume(await engine.volumes.inspect(args.name)),
  async VolumeCreate({ body, engine }) {
    if (body?.ClusterVolumeSpec) throw unavailable(NO_SWARM);
    return encodeVolume(
      await engine.volumes.create({
        name: body?.Name || undefined,
        driver: body?.Driver || undefined,
        options: body?.DriverOpts ?? {},
        labels: body?.Labels ?? {},
      }),
    );
  },
  VolumeDelete: ({ args, engine }) => engine.volumes.remove(args.name, args.force),
  VolumeUpdate() {
    throw unavailable("volume update only valid for cluster volumes, but swarm is unavailable");
  },
  async VolumePrune({ args, engine, minor }) {
    // Before API 1.42 a prune took volumes with a name as well.
    const filters = minor < 42 ? new Map([...args.filters, ["all", ["true"]] as const]) : args.filters;
    const { deleted, reclaimed } = await engine.volumes.prune(filters);
    return { VolumesDeleted: deleted.length > 0 ? deleted : null, SpaceReclaimed: reclaimed };
  },
};
