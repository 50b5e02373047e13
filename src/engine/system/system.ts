import { invalidParameter } from "../../base/errors.ts";
import { formatNanoseconds } from "../../base/nanoseconds.ts";
import type { VolumeRecord } from "../../volume/index.ts";
import type { Kit } from "../containers/kit.ts";
import { size } from "../containers/size.ts";
import { viewOf } from "../containers/view.ts";
import { imageViews, withSharedSizes } from "../images/view.ts";
import type { HostFacts } from "../ports.ts";
import { parseMoment } from "../prune/until.ts";
import type { ContainerView, EngineEvent, Filters, ImageView, Labels } from "../views.ts";

export interface SystemFacts extends HostFacts {
  readonly storageDriver: string;
  readonly loggingDriver: string;
  readonly defaultRuntime: string;
  readonly containers: { readonly running: number; readonly paused: number; readonly stopped: number };
  readonly images: number;
  /** Clients that listen to events. */
  readonly listeners: number;
  /** Devices that vendors describe, by their full names. */
  readonly devices: readonly string[];
  /** By the clock of the events, RFC 3339 with nanoseconds: clients ask for the events since then. */
  readonly time: string;
}

export interface DiskUsage {
  readonly layersSize: number;
  readonly images: readonly ImageView[];
  readonly containers: readonly (ContainerView & { readonly sizeRw: number; readonly sizeRootFs: number })[];
  readonly volumes: readonly (VolumeRecord & { readonly size: number; readonly refCount: number })[];
}

export interface System {
  facts(): Promise<SystemFacts>;
  events(
    options: {
      readonly since: string | undefined;
      readonly until: string | undefined;
      readonly filters: Filters;
    },
    signal: AbortSignal,
  ): AsyncIterable<EngineEvent>;
  diskUsage(): Promise<DiskUsage>;
  /** Publishes Docker's event of the engine's own: its settings are `attributes` from now on. */
  announceReload(id: string, attributes: Labels): void;
}

function countContainers(kit: Kit): SystemFacts["containers"] {
  let [running, paused, stopped] = [0, 0, 0];
  for (const { state } of kit.table.all()) {
    if (state.status === "paused") paused++;
    else if (state.status === "running" || state.status === "restarting") running++;
    else stopped++;
  }
  return { running, paused, stopped };
}

/** "1700000000.123456789" and dates to nanoseconds, without losing the digits a double has no room for. */
export function parseEventTime(text: string): bigint {
  const [, whole, fraction = "", zone = ""] = /^(.*\d)\.(\d{1,9})(Z|[+-]\d{2}:\d{2})?$/.exec(text) ?? [];
  const moment = BigInt(Math.round(parseMoment(whole === undefined ? text : whole + zone)));
  return moment * 1_000_000n + BigInt(fraction.padEnd(9, "0"));
}

async function diskUsage(kit: Kit): Promise<DiskUsage> {
  const { total } = kit.images.sharing();
  const images = withSharedSizes(kit, imageViews(kit));
  const containers = await Promise.all(
    [...kit.table.all()].map(async (container) => {
      const { rw, rootFs } = await size(kit, container.id);
      return { ...viewOf(kit, container), sizeRw: rw, sizeRootFs: rootFs };
    }),
  );
  const volumes = await Promise.all(
    kit.volumes.list().map(async (volume) => ({
      ...volume,
      size: await kit.volumes.usage(volume.name),
      refCount: kit.volumes.users(volume.name).length,
    })),
  );
  return { layersSize: total, images, containers, volumes };
}

interface EventTimes {
  readonly since: string | undefined;
  readonly until: string | undefined;
}

function eventWindow(asked: EventTimes) {
  const since = asked.since === undefined ? undefined : parseEventTime(asked.since);
  const until = asked.until === undefined ? undefined : parseEventTime(asked.until);
  if (since !== undefined && until !== undefined && since > until)
    throw invalidParameter(`\`since\` time (${asked.since}) cannot be after \`until\` time (${asked.until})`);
  return { since, until };
}

export function createSystem(kit: Kit): System {
  return {
    facts: async () => {
      const host = await kit.hostFacts();
      const devices = kit.devices();
      return {
        ...host,
        warnings: [...host.warnings, ...devices.warnings],
        devices: devices.names,
        storageDriver: kit.layers.driver,
        ...(kit.layers.driver === "overlay2" ? {} : { driverStatus: [] }),
        loggingDriver: kit.settings.logDriver,
        defaultRuntime: kit.runtime.choose(undefined).name,
        containers: countContainers(kit),
        images: kit.images.list().length,
        listeners: kit.events.listeners,
        time: formatNanoseconds(kit.events.now()),
      };
    },
    events: ({ filters, ...window }, signal) =>
      kit.events.subscribe({ ...eventWindow(window), filters }, signal),
    diskUsage: () => diskUsage(kit),
    announceReload: (id, attributes) => kit.events.publish("daemon", "reload", id, attributes),
  };
}
