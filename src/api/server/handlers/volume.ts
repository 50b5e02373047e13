import type { volumeRoutes } from "../../routes/volume.ts";
import type { Handlers } from "../call.ts";
import { encodeVolume } from "../encode/volume.ts";

export const volumeHandlers: Handlers<typeof volumeRoutes> = {
  VolumeList: ({ args, engine }) => ({
    Volumes: engine.volumes.list(args.filters).map(encodeVolume),
    Warnings: null,
  }),
  VolumeInspect: ({ args, engine }) => encodeVolume(engine.volumes.inspect(args.name)),
  VolumeCreate: async ({ body, engine }) =>
    encodeVolume(
      await engine.volumes.create({
        name: body?.Name || undefined,
        driver: body?.Driver || undefined,
        options: body?.DriverOpts ?? {},
        labels: body?.Labels ?? {},
      }),
    ),
  VolumeDelete: ({ args, engine }) => engine.volumes.remove(args.name, args.force),
  async VolumePrune({ args, engine }) {
    const { deleted, reclaimed } = await engine.volumes.prune(args.filters);
    return { VolumesDeleted: deleted.length > 0 ? deleted : null, SpaceReclaimed: reclaimed };
  },
};
