import { archiveRoutes } from "../../routes/archive.ts";
import { buildRoutes } from "../../routes/build.ts";
import { containerRoutes } from "../../routes/container.ts";
import { execRoutes } from "../../routes/exec.ts";
import { imageRoutes } from "../../routes/image.ts";
import type { AnyRoute, RouteId } from "../../routes/index.ts";
import { networkRoutes } from "../../routes/network.ts";
import { ownBuildRoutes } from "../../routes/own/build.ts";
import { ownImageRoutes } from "../../routes/own/image.ts";
import { portRoutes } from "../../routes/own/port.ts";
import { ownVolumeRoutes } from "../../routes/own/volume.ts";
import { whyRoutes } from "../../routes/own/why.ts";
import { registryRoutes } from "../../routes/registry.ts";
import { systemRoutes } from "../../routes/system.ts";
import { volumeRoutes } from "../../routes/volume.ts";
import type { Handler } from "../call.ts";

type Loaded = Readonly<Record<string, Handler<AnyRoute>>>;
interface Resource {
  readonly routes: Readonly<Record<string, AnyRoute>>;
  readonly load: () => Promise<unknown>;
}

/** A resource's handlers are loaded with its first request: start-up does not pay for them. */
const resources: readonly Resource[] = [
  { routes: systemRoutes, load: async () => (await import("./system.ts")).systemHandlers },
  { routes: containerRoutes, load: async () => (await import("./container.ts")).containerHandlers },
  { routes: archiveRoutes, load: async () => (await import("./archive.ts")).archiveHandlers },
  { routes: execRoutes, load: async () => (await import("./exec.ts")).execHandlers },
  { routes: imageRoutes, load: async () => (await import("./image.ts")).imageHandlers },
  { routes: ownImageRoutes, load: async () => (await import("./own/image.ts")).ownImageHandlers },
  { routes: registryRoutes, load: async () => (await import("./registry.ts")).registryHandlers },
  { routes: buildRoutes, load: async () => (await import("./build.ts")).buildHandlers },
  { routes: ownBuildRoutes, load: async () => (await import("./own/build.ts")).ownBuildHandlers },
  { routes: networkRoutes, load: async () => (await import("./network.ts")).networkHandlers },
  { routes: portRoutes, load: async () => (await import("./own/port.ts")).portHandlers },
  { routes: whyRoutes, load: async () => (await import("./own/why.ts")).whyHandlers },
  { routes: ownVolumeRoutes, load: async () => (await import("./own/volume.ts")).ownVolumeHandlers },
  { routes: volumeRoutes, load: async () => (await import("./volume.ts")).volumeHandlers },
];

const known = new Map<RouteId, Handler<AnyRoute>>();

export async function handlerOf(id: RouteId): Promise<Handler<AnyRoute>> {
  const loaded = known.get(id);
  if (loaded) return loaded;
  const resource = resources.find(({ routes }) => id in routes);
  if (!resource) throw new Error(`route ${id} belongs to no resource`);
  for (const [name, handler] of Object.entries((await resource.load()) as Loaded))
    known.set(name as RouteId, handler);
  const handler = known.get(id);
  if (!handler) throw new Error(`route ${id} has no handler`);
  return handler;
}
