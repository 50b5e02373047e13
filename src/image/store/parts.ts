import type { Logger } from "../../base/log.ts";
import type { Database } from "../../store/index.ts";
import type { ImageTable } from "../catalog/image-table.ts";
import type { LayerTable } from "../catalog/layer-table.ts";
import type { Blobs } from "../content/blobs.ts";
import type { ReadOnlyLayers } from "../layers/read-only-layers.ts";

/** What the verbs of the image room work with. */
export interface Parts {
  readonly db: Database;
  readonly images: ImageTable;
  readonly layerTable: LayerTable;
  readonly layers: ReadOnlyLayers;
  readonly blobs: Blobs;
  readonly log: Logger;
}
