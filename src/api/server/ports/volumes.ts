import type { Filters, Labels } from "./values.ts";

export interface VolumeView {
  readonly name: string;
  readonly driver: string;
  readonly mountpoint: string;
  readonly created: string;
  readonly labels: Labels;
  readonly options: Labels;
  readonly anonymous: boolean;
}

export interface Volumes {
  list(filters: Filters): readonly VolumeView[];
  inspect(name: string): VolumeView;
  create(request: {
    readonly name: string | undefined;
    readonly driver: string | undefined;
    readonly options: Labels;
    readonly labels: Labels;
  }): Promise<VolumeView>;
  remove(name: string, force: boolean): Promise<void>;
  prune(filters: Filters): Promise<{ readonly deleted: readonly string[]; readonly reclaimed: number }>;
}
