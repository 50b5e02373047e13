import type { Row } from "./row.ts";

/** Volumes. */
export const VOLUME: readonly Row[] = [
  {
    words: ["volume", "create"],
    usage: "[OPTIONS] [VOLUME]",
    summary: "Create a volume",
    load: () => import("../commands/volume/create.ts"),
  },
  {
    words: ["volume", "inspect"],
    usage: "[OPTIONS] VOLUME [VOLUME...]",
    summary: "Display detailed information on one or more volumes",
    load: () => import("../commands/volume/inspect.ts"),
  },
  {
    words: ["volume", "ls"],
    also: ["list"],
    usage: "[OPTIONS]",
    summary: "List volumes",
    load: () => import("../commands/volume/ls.ts"),
  },
  {
    words: ["volume", "prune"],
    usage: "[OPTIONS]",
    summary: "Remove unused local volumes",
    load: () => import("../commands/volume/prune.ts"),
  },
  {
    words: ["volume", "rm"],
    also: ["remove"],
    usage: "[OPTIONS] VOLUME [VOLUME...]",
    summary: "Remove one or more volumes",
    load: () => import("../commands/volume/rm.ts"),
  },
  {
    words: ["volume", "update"],
    hidden: true,
    usage: "[OPTIONS] [VOLUME]",
    summary: "Update a volume (cluster volumes only)",
    load: () => import("../commands/volume/update.ts"),
  },
  {
    words: ["volume", "snapshot"],
    usage: "[OPTIONS] VOLUME [NAME]",
    summary: "Copy a volume as it is now into a new one",
    load: () => import("../commands/volume/snapshot.ts"),
  },
  {
    words: ["volume", "restore"],
    usage: "[OPTIONS] VOLUME SNAPSHOT",
    summary: "Set a volume back to what a snapshot has",
    load: () => import("../commands/volume/restore.ts"),
  },
  {
    words: ["volume", "clone"],
    usage: "[OPTIONS] VOLUME NAME",
    summary: "Copy a volume into a new one",
    load: () => import("../commands/volume/clone.ts"),
  },
  {
    words: ["volume", "export"],
    usage: "[OPTIONS] VOLUME",
    summary: "Write a volume's files to a tar, or into an image",
    load: () => import("../commands/volume/export.ts"),
  },
  {
    words: ["volume", "import"],
    usage: "[OPTIONS] NAME [FILE|-]",
    summary: "Make a volume of the files of a tar, or of an image",
    load: () => import("../commands/volume/import.ts"),
  },
  {
    words: ["volume", "df"],
    usage: "",
    summary: "Show what volumes take, and who uses them",
    load: () => import("../commands/volume/df.ts"),
  },
];
