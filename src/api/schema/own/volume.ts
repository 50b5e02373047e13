import { mountEntries } from "../container-codec.ts";
import type { Mount } from "../host-config.ts";
import { codec, document, flag, part, text, textMap } from "../kit.ts";

type TextMap = Readonly<Record<string, string>>;

export interface CloneVolumeBody {
  readonly Source?: string;
  /** Without one: the source's name and the moment. */
  readonly Name?: string;
  readonly Labels?: TextMap | null;
  /** Pause the containers that use it for the time of the copy. */
  readonly Pause?: boolean;
  /** Label it as a snapshot of its source. */
  readonly Snapshot?: boolean;
}
export const cloneVolumeBody = codec<CloneVolumeBody>(() =>
  document<CloneVolumeBody>({ Source: text, Name: text, Labels: textMap, Pause: flag, Snapshot: flag }),
);

export interface RestoreVolumeBody {
  readonly Name?: string;
  /** The volume whose data it gets. */
  readonly From?: string;
  /** Also while containers that use it run: they are paused meanwhile. */
  readonly Pause?: boolean;
}
export const restoreVolumeBody = codec<RestoreVolumeBody>(() =>
  document<RestoreVolumeBody>({ Name: text, From: text, Pause: flag }),
);

export interface VolumeImageBody {
  readonly Name?: string;
  /** Name of the image. */
  readonly Reference?: string;
  readonly Pause?: boolean;
}
export const volumeImageBody = codec<VolumeImageBody>(() =>
  document<VolumeImageBody>({ Name: text, Reference: text, Pause: flag }),
);

/** One of the two: as for `-v`, or as for `--mount`. */
export interface AddMountBody {
  readonly Bind?: string;
  readonly Mount?: Mount | null;
}
export const addMountBody = codec<AddMountBody>(() =>
  document<AddMountBody>({ Bind: text, Mount: part(mountEntries()) }),
);

export interface MountAdded {
  readonly Destination: string;
}

export interface VolumeUsage {
  readonly Name: string;
  readonly Driver: string;
  /** Bytes; -1 where its driver does not say. */
  readonly Size: number;
  readonly Containers: readonly { readonly Id: string; readonly Name: string; readonly State: string }[];
}
export interface VolumeUsageList {
  readonly Volumes: readonly VolumeUsage[];
}
