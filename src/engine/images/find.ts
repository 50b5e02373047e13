import { invalidParameter, notFound } from "../../base/errors.ts";
import type { Image } from "../../image/index.ts";
import { type Platform, platformMismatch, platformScore } from "../../oci/index.ts";
import type { Kit } from "../containers/kit.ts";

/** An image here is for one platform: asking for another one finds nothing. It is called `shown` in the refusal. Throws notFound in Docker's words. */
export function findForPlatform(
  kit: Kit,
  reference: string,
  platform: Platform | undefined,
  shown = reference,
): Image {
  const image = kit.images.resolve(reference);
  if (platform === undefined || platformScore(platform, image.config) > 0) return image;
  throw notFound(platformMismatch(shown, image.config, platform));
}

/** The one platform a removal may name. Throws invalidParameter. */
export function onePlatform(platforms: readonly Platform[]): Platform | undefined {
  if (platforms.length > 1) throw invalidParameter("multiple platforms is not supported");
  return platforms[0];
}
