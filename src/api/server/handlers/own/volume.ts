import { invalidParameter } from "../../../../base/errors.ts";
import type { ownVolumeRoutes } from "../../../routes/own/volume.ts";
import type { Handlers } from "../../call.ts";
import { encodeVolume } from "../../encode/volume.ts";

function required(value: string | undefined, what: string): string {
  if (!value) throw invalidParameter(`${what} is missing`);
  return value;
}

export const ownVolumeHandlers: Handlers<typeof ownVolumeRoutes> = {
  async WharfVolumeUsage({ engine }) {
    const volumes = await engine.volumes.usage();
    return {
      Volumes: volumes.map(({ name, driver, size, containers }) => ({
        Name: name,
        Driver: driver,
        Size: size,
        Containers: containers.map(({ id, name: known, state }) => ({ Id: id, Name: known, State: state })),
      })),
    };
  },
  WharfVolumeClone: async ({ body, engine }) =>
    encodeVolume(
      await engine.volumes.clone({
        source: required(body.Source, "the volume to copy (Source)"),
        name: body.Name || undefined,
        labels: body.Labels ?? {},
        pause: body.Pause === true,
        snapshot: body.Snapshot === true,
      }),
    ),
  WharfVolumeRestore: ({ body, engine }) =>
    engine.volumes.restore(
      required(body.Name, "the volume to restore (Name)"),
      required(body.From, "the volume to restore it from (From)"),
      body.Pause === true,
    ),
  WharfVolumeExport: async ({ args, engine, signal }) => ({
    mediaType: "application/x-tar",
    body: await engine.volumes.export(required(args.name, "the volume's name"), args.pause, signal),
  }),
  WharfVolumeImport: async ({ args, body, engine, signal }) =>
    encodeVolume(await engine.volumes.import(required(args.name, "the new volume's name"), body, signal)),
  WharfVolumeToImage: async ({ body, engine, signal }) => ({
    Id: await engine.volumes.toImage(
      required(body.Name, "the volume (Name)"),
      required(body.Reference, "the new image's name (Reference)"),
      body.Pause === true,
      signal,
    ),
  }),
  WharfVolumeFromImage: async ({ body, engine }) =>
    encodeVolume(
      await engine.volumes.fromImage(
        required(body.Reference, "the image (Reference)"),
        required(body.Name, "the new volume's name (Name)"),
      ),
    ),
  async WharfMountAdd({ args, body, engine }) {
    const asked = {
      ...(body.Bind ? { bind: body.Bind } : {}),
      ...(body.Mount ? { mount: body.Mount } : {}),
    };
    if (Object.keys(asked).length !== 1)
      throw invalidParameter("one of Bind and Mount says what is to be mounted");
    const { destination } = await engine.containers.addMount(args.id, asked);
    return { Destination: destination };
  },
  WharfMountRemove: ({ args, engine }) =>
    engine.containers.removeMount(args.id, required(args.target, "the mount's place in the container")),
};
