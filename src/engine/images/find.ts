import { invalidParameter, notFound } from "../../base/errors.ts";
import type { Image } from "../../image/index.ts";
import { formatPlatform, type Platform, platformScore } from "../../oci/index.ts";
import type { Kit } from "../containers/kit.ts";

/** Docker names the variant of arm64, though there is only one. */
const shown = (platform: Platform): string =>
  platform.architecture === "arm64" && !platform.variant
    ? `${formatPlatform(platform)}/v8`
    : formatPlatform(platform);

/** An image here is for one platform: asking for another one finds nothing. Throws notFound in Docker's words. */
export function findForPlatform(kit: Kit, reference: string, platform: Platform | undefined): Image {
  const image = kit.images.resolve(reference);
  if (platform === undefined || platformScore(platform, image.config) > 0) return image;
  const { os, architecture, variant } = image.config;
  const own: Platform = { os, architecture, ...(variant ? { variant } : {}) };
  throw notFound(
    `image with reference ${reference} was found but its platform (${shown(own)}) does not match the specified platform (${shown(platform)})`,
  );
}

/** The one platform a removal may name. Throws invalidParameter. */
export function onePlatform(platforms: readonly Platform[]): Platform | undefined {
  if (platforms.length > 1) throw invalidParameter("multiple platforms is not supported");
  return platforms[0];
}
