import type { Row } from "./row.ts";

/** Commands of no noun, and of the command line itself. */
export const OTHERS: readonly Row[] = [
  {
    words: ["completion", "bash"],
    usage: "[OPTIONS]",
    summary: "Generate the autocompletion script for bash",
    load: () => import("../commands/completion/bash.ts"),
  },
  {
    words: ["completion", "fish"],
    usage: "[OPTIONS]",
    summary: "Generate the autocompletion script for fish",
    load: () => import("../commands/completion/fish.ts"),
  },
  {
    words: ["completion", "zsh"],
    usage: "[OPTIONS]",
    summary: "Generate the autocompletion script for zsh",
    load: () => import("../commands/completion/zsh.ts"),
  },
  {
    words: ["demo"],
    usage: "",
    summary: "Build, run and fetch a small web server, and clean up",
    load: () => import("../commands/demo/demo.ts"),
  },
  {
    words: ["inspect"],
    usage: "[OPTIONS] NAME|ID [NAME|ID...]",
    summary: "Return low-level information on Docker objects",
    load: () => import("../commands/inspect/inspect.ts"),
  },
  {
    words: ["ui"],
    usage: "",
    summary: "Look at and work with containers on the whole terminal",
    load: () => import("../commands/ui/ui.ts"),
  },
];
