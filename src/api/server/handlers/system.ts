import { invalidParameter } from "../../../base/errors.ts";
import type { systemRoutes } from "../../routes/system.ts";
import type { EventMessage } from "../../schema/event.ts";
import type { DiskUsage } from "../../schema/system.ts";
import type { Handlers } from "../call.ts";
import { encodeSummary } from "../encode/container.ts";
import { encodeImageSummary } from "../encode/image.ts";
import { encodeEvent, encodeInfo, encodeVersion } from "../encode/system.ts";
import { encodeVolume } from "../encode/volume.ts";
import type { EngineEvent, System } from "../ports.ts";

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

function encodeUsage(usage: Usage, types: readonly string[]): DiskUsage {
  const unknown = types.find((type) => !USAGE_TYPES.includes(type));
  if (unknown !== undefined) throw invalidParameter(`unknown object type: ${unknown}`);
  const wanted = (type: string) => types.length === 0 || types.includes(type);
  return {
    ...(wanted("image") ? encodeImages(usage) : {}),
    ...(wanted("container") ? encodeContainers(usage) : {}),
    ...(wanted("volume") ? encodeVolumes(usage) : {}),
    ...(wanted("build-cache") ? { BuildCache: [] } : {}),
  };
}

export const systemHandlers: Handlers<typeof systemRoutes> = {
  SystemPing: () => ({ body: "OK", headers: PING_HEADERS }),
  SystemPingHead: () => ({ body: "", headers: PING_HEADERS }),
  SystemVersion: async ({ engine }) => encodeVersion(await engine.system.facts()),
  SystemInfo: async ({ engine }) => encodeInfo(await engine.system.facts(), new Date().toISOString()),
  SystemEvents({ args, engine, signal }) {
    const { since, until, filters } = args;
    return encodeEvents(engine.system.events({ since, until, filters }, signal));
  },
  SystemDataUsage: async ({ args, engine }) => encodeUsage(await engine.system.diskUsage(), args.type),
  PluginList: () => [],
};
