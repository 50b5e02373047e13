import type { Images } from "./image.ts";
import type { Layers } from "./layers/layers.ts";

export * from "./image.ts";
export * from "./layers/layers.ts";
export { openImageStore } from "./store/open.ts";

/** The two faces of the image room: names and content, and the layers containers run on. */
export interface ImageStore {
  readonly images: Images;
  readonly layers: Layers;
  close(): Promise<void>;
}
