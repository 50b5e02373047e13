import type { Distribution } from "./distribution.ts";
import type { Images } from "./image.ts";
import type { Layers } from "./layers/layers.ts";

export * from "./distribution.ts";
export * from "./image.ts";
export * from "./layers/layers.ts";
export { openImageStore } from "./store/open.ts";

/** The faces of the image room: names and content, the layers containers run on, and images in registries. */
export interface ImageStore {
  readonly images: Images;
  readonly layers: Layers;
  readonly distribution: Distribution;
  close(): Promise<void>;
}
