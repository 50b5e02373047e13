import { archiveRoutes } from "./archive.ts";
import { buildRoutes } from "./build.ts";
import { containerRoutes } from "./container.ts";
import { execRoutes } from "./exec.ts";
import { imageRoutes } from "./image.ts";
import { networkRoutes } from "./network.ts";
import { ownRoutes } from "./own/index.ts";
import { registryRoutes } from "./registry.ts";
import { systemRoutes } from "./system.ts";
import { volumeRoutes } from "./volume.ts";

/** Every route that is served, by the operation's id in the API description; Wharf's own ones last. */
export const routes = {
  ...systemRoutes,
  ...archiveRoutes,
  ...containerRoutes,
  ...execRoutes,
  ...imageRoutes,
  ...buildRoutes,
  ...networkRoutes,
  ...registryRoutes,
  ...volumeRoutes,
  ...ownRoutes,
};
export type Routes = typeof routes;
export type RouteId = keyof Routes;

export { OWN_PREFIX } from "./own/index.ts";
export type { AnyRoute, Args, BodyOf, KindOf, Method, ResultOf } from "./route.ts";
export { type UnservedRoute, unservedRoutes } from "./unserved.ts";
export { API_VERSION, MIN_API_VERSION } from "./versions.ts";
