import { anything, codec, document, text, textMap } from "./kit.ts";

type TextMap = Readonly<Record<string, string>>;

/** Body of `POST /volumes/create`; without a name the engine makes one up. */
export interface CreateVolumeBody {
  readonly Name?: string;
  readonly Driver?: string;
  readonly DriverOpts?: TextMap | null;
  readonly Labels?: TextMap | null;
  /** For a volume of a cluster, which this engine is not part of. */
  readonly ClusterVolumeSpec?: Readonly<Record<string, unknown>> | null;
}
export const createVolumeBody = codec<CreateVolumeBody>(() =>
  document<CreateVolumeBody>({
    Name: text,
    Driver: text,
    DriverOpts: textMap,
    Labels: textMap,
    ClusterVolumeSpec: anything,
  }),
);

/** Body of `PUT /volumes/{name}`: for volumes of a cluster, which this engine has none of. */
export interface UpdateVolumeBody {
  readonly Spec?: Readonly<Record<string, unknown>> | null;
}
export const updateVolumeBody = codec<UpdateVolumeBody>(() => document<UpdateVolumeBody>({ Spec: anything }));

export interface VolumeResource {
  readonly CreatedAt: string;
  readonly Driver: string;
  readonly Labels: TextMap | null;
  readonly Mountpoint: string;
  readonly Name: string;
  readonly Options: TextMap | null;
  readonly Scope: "local" | "global";
  /** Of drivers that tell one. */
  readonly Status?: Readonly<Record<string, unknown>>;
  /** Only in `system/df`; bytes, -1 when unknown. */
  readonly UsageData?: { readonly RefCount: number; readonly Size: number };
}

export interface VolumeList {
  readonly Volumes: readonly VolumeResource[];
  readonly Warnings: readonly string[] | null;
}

export interface VolumesPruned {
  readonly VolumesDeleted: readonly string[] | null;
  readonly SpaceReclaimed: number;
}
