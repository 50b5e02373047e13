import type { Row } from "./row.ts";

/** Contexts: which engine is spoken to. */
export const CONTEXT: readonly Row[] = [
  {
    words: ["context", "create"],
    usage: "[OPTIONS] CONTEXT",
    summary: "Create a context",
    load: () => import("../commands/context/create.ts"),
  },
  {
    words: ["context", "export"],
    usage: "[OPTIONS] CONTEXT [FILE|-]",
    summary: "Export a context to a tar archive FILE or a tar stream on STDOUT.",
    load: () => import("../commands/context/export.ts"),
  },
  {
    words: ["context", "import"],
    usage: "CONTEXT FILE|-",
    summary: "Import a context from a tar or zip file",
    load: () => import("../commands/context/import.ts"),
  },
  {
    words: ["context", "inspect"],
    usage: "[OPTIONS] [CONTEXT] [CONTEXT...]",
    summary: "Display detailed information on one or more contexts",
    load: () => import("../commands/context/inspect.ts"),
  },
  {
    words: ["context", "ls"],
    also: ["list"],
    usage: "[OPTIONS]",
    summary: "List contexts",
    load: () => import("../commands/context/ls.ts"),
  },
  {
    words: ["context", "rm"],
    also: ["remove"],
    usage: "CONTEXT [CONTEXT...]",
    summary: "Remove one or more contexts",
    load: () => import("../commands/context/rm.ts"),
  },
  {
    words: ["context", "show"],
    usage: "",
    summary: "Print the name of the current context",
    load: () => import("../commands/context/show.ts"),
  },
  {
    words: ["context", "update"],
    usage: "[OPTIONS] CONTEXT",
    summary: "Update a context",
    load: () => import("../commands/context/update.ts"),
  },
  {
    words: ["context", "use"],
    usage: "CONTEXT",
    summary: "Set the current docker context",
    load: () => import("../commands/context/use.ts"),
  },
];
