import { shortId } from "../../base/ids.ts";
import { type Digest, hexOf } from "../../oci/index.ts";
import type { OnProgress } from "../image.ts";

/** Bars are redrawn at most this often. Milliseconds. */
const INTERVAL = 100;

/** Docker's progress lines of one layer. */
export interface LayerReport {
  status(text: string): void;
  /** A bar; the last one of a phase always goes out. */
  bar(text: string, current: number, total: number): void;
}

export function layerReport(digest: Digest, onProgress: OnProgress): LayerReport {
  const id = shortId(hexOf(digest));
  let last = 0;
  return {
    // Empty, but there: clients draw over the layer's line by it.
    status: (status) => onProgress({ status, progressDetail: {}, id }),
    bar: (status, current, total) => {
      const now = performance.now();
      if (current < total && now - last < INTERVAL) return;
      last = now;
      onProgress({ status, progressDetail: { current, total }, id });
    },
  };
}
