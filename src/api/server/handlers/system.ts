import { invalidParameter } from "../../../base/errors.ts";
import type { systemRoutes } from "../../routes/system.ts";
import type { EventMessage } from "../../schema/event.ts";
import type { DiskUsage } from "../../schema/system.ts";
import type { Handlers } from "../call.ts";
import { encodeCacheEntry } from "../encode/build-cache.ts";
import { encodeSummary } from "../encode/container.ts";
import { encodeImageSummary } from "../encode/image.ts";
import { encodeEvent, encodeInfo, encodeVersion } from "../encode/system.ts";
import { encodeVolume } from "../encode/volume.ts";
import type { CacheEntry, EngineEvent, System } from "../ports.ts";

const PING_HEADERS = {
  "Builder-Version": "1",
  Swarm: "inactive",
  "Cache-Control": "no-cache, no-store, must-revalidate",
  Pragma: "no-cache",
};

const USAGE_TYPES = ["container", "image", "volume", "build-cache"];

async function* encodeEvents(events: AsyncIterable<EngineEvent>): AsyncGenerator<EventMessage> {
  for await (const event of events) yield encodeEvent(event);
}

type Usage = Awaited<ReturnType<System["diskUsage"]>>;

const encodeImages = ({ images, layersSize }: Usage): DiskUsage => ({
  LayersSize: layersSize,
  Images: images.map((view) => ({ ...encodeImageSummary(view, true), SharedSize: view.sharedSize ?? 0 })),
});
const encodeContainers = ({ containers }: Usage): DiskUsage => ({
  Containers: containers.map((view) =>
    encodeSummary(view, Date.now(), { rw: view.sizeRw, rootFs: view.sizeRootFs }),
  ),
});
const encodeVolumes = ({ volumes }: Usage): DiskUsage => ({
  Volumes: volumes.map((view) => ({
    ...encodeVolume(view),
    UsageData: { RefCount: view.refCount, Size: view.size },
  })),
});

function wantedTypes(types: readonly string[]): (type: string) => boolean {
  const unknown = types.find((type) => !USAGE_TYPES.includes(type));
  if (unknown !== undefined) throw invalidParameter(`unknown object type: ${unknown}`);
  return (type) => types.length === 0 || types.includes(type);
}

function encodeUsage(
  usage: Usage,
  cache: readonly CacheEntry[],
  wanted: (type: string) => boolean,
): DiskUsage {
  return {
    ...(wanted("image") ? encodeImages(usage) : {}),
    ...(wanted("container") ? encodeContainers(usage) : {}),
    ...(wanted("volume") ? encodeVolumes(usage) : {}),
    ...(wanted("build-cache") ? { BuildCache: cache.map(encodeCacheEntry) } : {}),
  };
}

export const systemHandlers: Handlers<typeof systemRoutes> = {
  SystemPing: () => ({ body: "OK", headers: PING_HEADERS }),
  SystemPingHead: () => ({ body: "", headers: PING_HEADERS }),
  SystemVersion: async ({ engine }) => encodeVersion(await engine.system.facts()),
  SystemInfo: async ({ engine }) => encodeInfo(await engine.system.facts()),
  SystemEvents({ args, engine, signal }) {
    const { since, until, filters } = args;
    return encodeEvents(engine.system.events({ since, until, filters }, signal));
  },
  async SystemDataUsage({ args, engine }) {
    const wanted = wantedTypes(args.type);
    const cache = wanted("build-cache") ? await engine.builder.cacheEntries() : [];
    return encodeUsage(await engine.system.diskUsage(), cache, wanted);
  },
  PluginList: () => [],
};
