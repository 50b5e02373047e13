import type { Row } from "./row.ts";

/** Registries. */
export const REGISTRY: readonly Row[] = [
  {
    words: ["registry"],
    usage: "COMMAND",
    summary: "Run an OCI registry, and look after it",
    load: () => import("../commands/registry/registry.ts"),
  },
  {
    words: ["login"],
    usage: "[OPTIONS] [SERVER]",
    summary: "Authenticate to a registry",
    load: () => import("../commands/registry/login.ts"),
  },
  {
    words: ["logout"],
    usage: "[SERVER]",
    summary: "Log out from a registry",
    load: () => import("../commands/registry/logout.ts"),
  },
  {
    words: ["search"],
    usage: "[OPTIONS] TERM",
    summary: "Search Docker Hub for images",
    load: () => import("../commands/registry/search.ts"),
  },
];
