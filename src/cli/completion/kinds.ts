import type { Source } from "./candidates.ts";
import { NOTHING, only } from "./candidates.ts";
import * as composite from "./composite.ts";
import * as engine from "./engine-names.ts";
import * as fixed from "./fixed.ts";

/** What a flag's value or an argument may be, by the names that commands call it by (`offers`). */
export const KINDS = {
  container: engine.allContainers,
  runningContainer: engine.runningContainers,
  activeContainer: engine.activeContainers,
  pausedContainer: engine.pausedContainers,
  stoppedContainer: engine.stoppedContainers,
  removableContainer: engine.removableContainers,
  attachedContainer: engine.attachedContainers,
  connectableContainer: engine.connectableContainers,
  image: engine.images,
  network: engine.networks,
  volume: engine.volumes,
  anything: engine.anything,
  port: engine.ports,
  mountTarget: engine.mountTargets,
  logDriver: engine.logDrivers,
  volumeDriver: engine.volumeDrivers,
  networkDriver: engine.networkDrivers,
  runtime: engine.runtimes,
  context: composite.contexts,
  networkMode: composite.networkModes,
  ipcMode: composite.modeOrContainer(["host", "none", "private", "shareable"]),
  pidMode: composite.modeOrContainer(["host"]),
  link: composite.linkedContainers,
  volumeOrPath: composite.volumeOrPath,
  copyEnd: composite.copyEnd,
  mountSpec: composite.mountSpec,
  file: composite.file,
  folder: composite.folder,
  signal: fixed.signals,
  capability: fixed.capabilities,
  platform: () => only(fixed.PLATFORMS),
  ulimit: fixed.ulimits,
  logOption: fixed.logOptions,
  variable: fixed.variables,
  detachKeys: fixed.detachKeys,
  securityOption: fixed.securityOptions,
  /** A word of people's own: a new name, a number. */
  word: () => NOTHING,
} as const satisfies Readonly<Record<string, Source>>;

export type Kind = keyof typeof KINDS;

/** Keys of pairs (`--filter key=value`), and what their values may be. */
export interface Pairs {
  readonly pairs: Readonly<Record<string, Offer>>;
}

/** What completion offers somewhere: a kind of name, the only words there are, or pairs. */
export type Offer = Kind | readonly string[] | Pairs;
