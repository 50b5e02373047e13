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

export interface VolumeUsageView {
  readonly name: string;
  readonly driver: string;
  /** Bytes; -1 where its driver does not say. */
  readonly size: number;
  readonly containers: readonly { readonly id: string; readonly name: string; readonly state: string }[];
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
  usage(): Promise<readonly VolumeUsageView[]>;
  clone(request: {
    readonly source: string;
    readonly name: string | undefined;
    readonly labels: Labels;
    readonly pause: boolean;
    readonly snapshot: boolean;
  }): Promise<VolumeView>;
  restore(name: string, from: string, pause: boolean): Promise<void>;
  export(name: string, pause: boolean, signal: AbortSignal): Promise<AsyncIterable<Uint8Array>>;
  import(name: string, tar: AsyncIterable<Uint8Array>, signal: AbortSignal): Promise<VolumeView>;
  /** The new image's id. */
  toImage(name: string, reference: string, pause: boolean, signal: AbortSignal): Promise<string>;
  fromImage(reference: string, name: string): Promise<VolumeView>;
}
