/**
 * What the API server needs of an engine, in the server's own words. The daemon hands it an engine that fits
 * (`daemon/wire.ts` is where the compiler proves it). Documents keep Docker's field names: they are stored and given
 * back as the client wrote them. Everything else is plain data that `handlers/` turn into wire shapes.
 */
import type { Archives } from "./ports/archive.ts";
import type { Builder } from "./ports/build.ts";
import type { Containers } from "./ports/containers.ts";
import type { Execs } from "./ports/execs.ts";
import type { Images } from "./ports/images.ts";
import type { Networks } from "./ports/networks.ts";
import type { PublishedPorts } from "./ports/published-ports.ts";
import type { System } from "./ports/system.ts";
import type { Volumes } from "./ports/volumes.ts";

export type * from "./ports/archive.ts";
export type * from "./ports/build.ts";
export type * from "./ports/container-view.ts";
export type * from "./ports/containers.ts";
export type * from "./ports/execs.ts";
export type * from "./ports/images.ts";
export type * from "./ports/networks.ts";
export type * from "./ports/published-ports.ts";
export type * from "./ports/stats.ts";
export type * from "./ports/stdio.ts";
export type * from "./ports/system.ts";
export type * from "./ports/values.ts";
export type * from "./ports/volumes.ts";

/** Everything the server can be asked for. */
export interface Engine {
  readonly containers: Containers;
  readonly archives: Archives;
  readonly execs: Execs;
  readonly images: Images;
  readonly builder: Builder;
  readonly networks: Networks & PublishedPorts;
  readonly volumes: Volumes;
  readonly system: System;
}
