import type { ImageFinding } from "../../schema/image.ts";
import { lines, route } from "../route.ts";

export const ownImageRoutes = {
  /** Reads the whole image store and compares it with its digests: one line a layer and an image. */
  WharfImageVerify: route("POST", "/wharf/v1/images/verify", { answer: lines<ImageFinding>() }),
};
