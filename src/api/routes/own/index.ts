import { ownBuildRoutes } from "./build.ts";
import { ownImageRoutes } from "./image.ts";
import { portRoutes } from "./port.ts";
import { ownVolumeRoutes } from "./volume.ts";
import { whyRoutes } from "./why.ts";

/**
 * Operations that Docker's API does not have. They carry their own version in the path, so that no stock client ever
 * meets them and Docker's later versions never collide with them; their ids begin with `Wharf`. One file a resource.
 */
export const OWN_PREFIX = "/wharf/v1/";

export const ownRoutes = {
  ...ownBuildRoutes,
  ...ownImageRoutes,
  ...portRoutes,
  ...ownVolumeRoutes,
  ...whyRoutes,
};
