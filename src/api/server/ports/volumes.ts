import type { Filters, Labels } from "./values.ts";

export interface VolumeView {
  readonly name: string;
  readonly driver: string;
  readonly mountpoint: string;
  readonly created: string;
  readonly labels: Labels;
  readonly options: Labels;
  readonly anonymous: boolean;
  readonly scope: "local" | "global";
  /** What only its driver knows of it. */
  readonly status?: Readonly<Record<string, unknown>>;
}

export interface Volumes {
  list(filters: Filters): Promise<{
    readonly volumes: readonly VolumeView[];
    /** Drivers that could not be asked. */
    readonly warnings: readonly string[];
  }>;
  inspect(name: string): Promise<VolumeView>;
  create(request: {
    readonly name: string | undefined;
    readonly driver: string | undefined;
    readonly options: Labels;
    readonly labels: Labels;
  }): Promise<VolumeView>;
  remove(name: string, force: boolean): Promise<void>;
  prune(filters: Filters): Promise<{ readonly deleted: readonly string[]; readonly reclaimed: number }>;
}
