import type { VolumeScope } from "./volume.ts";

/** A volume as its driver knows it. */
export interface DriverVolume {
  readonly name: string;
  /** Host folder; empty while the driver does not tell. */
  readonly mountpoint: string;
  /** RFC 3339. */
  readonly created?: string;
  readonly status?: Readonly<Record<string, unknown>>;
}

/** Keeps the data of volumes: the engine's own folders, or a program that speaks Docker's plugin protocol. */
export interface VolumeDriver {
  readonly name: string;
  readonly scope: VolumeScope;
  /** Refuses options it does not know, before anything is made. Throws invalidParameter. */
  create(name: string, options: Readonly<Record<string, string>>): Promise<void>;
  remove(name: string): Promise<void>;
  /** Host folder of the data, reachable until `unmount`. `id` tells one mount from another. */
  mount(name: string, id: string): Promise<string>;
  unmount(name: string, id: string): Promise<void>;
  /** Undefined when it knows none of that name. */
  get(name: string): Promise<DriverVolume | undefined>;
  list(): Promise<readonly DriverVolume[]>;
}

/** Drivers besides `local`. */
export interface VolumeDrivers {
  /** Throws notFound when no such driver can be reached. */
  find(name: string): Promise<VolumeDriver>;
  /** Those that answer; the others are told by name and reason. */
  all(): Promise<{ readonly drivers: readonly VolumeDriver[]; readonly warnings: readonly string[] }>;
}
