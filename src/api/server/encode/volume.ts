import type { VolumeResource } from "../../schema/volume.ts";
import type { VolumeView } from "../ports.ts";

const orNull = (map: Readonly<Record<string, string>>) => (Object.keys(map).length > 0 ? map : null);

export const encodeVolume = (view: VolumeView): VolumeResource => ({
  CreatedAt: view.created.replace(/\.\d+Z$/, "Z"),
  Driver: view.driver,
  Labels: orNull(view.labels),
  Mountpoint: view.mountpoint,
  Name: view.name,
  Options: orNull(view.options),
  Scope: view.scope,
  ...(view.status ? { Status: view.status } : {}),
});
