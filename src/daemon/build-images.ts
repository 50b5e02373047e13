import type { BuildImages } from "../build/index.ts";
import type { Images } from "../image/index.ts";

/** The image store in the words of the builder. */
export const buildImages = (images: Images): BuildImages => ({
  obtain: async (reference) => images.resolve(reference),
  get: (id) => images.get(id),
  create: (image) => images.create(image),
  tag: (id, target) => images.tag(id, target),
});
