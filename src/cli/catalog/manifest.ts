import type { Row } from "./row.ts";

/** Manifest lists. */
export const MANIFEST: readonly Row[] = [
  {
    words: ["manifest", "annotate"],
    usage: "[OPTIONS] MANIFEST_LIST MANIFEST",
    summary: "Add additional information to a local image manifest",
    load: () => import("../commands/manifest/annotate.ts"),
  },
  {
    words: ["manifest", "create"],
    usage: "MANIFEST_LIST MANIFEST [MANIFEST...]",
    summary: "Create a local manifest list for annotating and pushing to a registry",
    load: () => import("../commands/manifest/create.ts"),
  },
  {
    words: ["manifest", "inspect"],
    usage: "[OPTIONS] [MANIFEST_LIST] MANIFEST",
    summary: "Display an image manifest, or manifest list",
    load: () => import("../commands/manifest/inspect.ts"),
  },
  {
    words: ["manifest", "push"],
    usage: "[OPTIONS] MANIFEST_LIST",
    summary: "Push a manifest list to a repository",
    load: () => import("../commands/manifest/push.ts"),
  },
  {
    words: ["manifest", "rm"],
    usage: "MANIFEST_LIST [MANIFEST_LIST...]",
    summary: "Delete one or more manifest lists from local storage",
    load: () => import("../commands/manifest/rm.ts"),
  },
];
