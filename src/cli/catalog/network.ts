import type { Row } from "./row.ts";

/** Networks. */
export const NETWORK: readonly Row[] = [
  {
    words: ["network", "connect"],
    usage: "[OPTIONS] NETWORK CONTAINER",
    summary: "Connect a container to a network",
    load: () => import("../commands/network/connect.ts"),
  },
  {
    words: ["network", "create"],
    usage: "[OPTIONS] NETWORK",
    summary: "Create a network",
    load: () => import("../commands/network/create.ts"),
  },
  {
    words: ["network", "disconnect"],
    usage: "[OPTIONS] NETWORK CONTAINER",
    summary: "Disconnect a container from a network",
    load: () => import("../commands/network/disconnect.ts"),
  },
  {
    words: ["network", "explain"],
    usage: "[OPTIONS] CONTAINER [PORT[/PROTO]]",
    summary: "Show the way of a container's packets",
    load: () => import("../commands/network/explain.ts"),
  },
  {
    words: ["network", "inspect"],
    usage: "[OPTIONS] NETWORK [NETWORK...]",
    summary: "Display detailed information on one or more networks",
    load: () => import("../commands/network/inspect.ts"),
  },
  {
    words: ["network", "ls"],
    also: ["list"],
    usage: "[OPTIONS]",
    summary: "List networks",
    load: () => import("../commands/network/ls.ts"),
  },
  {
    words: ["network", "prune"],
    usage: "[OPTIONS]",
    summary: "Remove all unused networks",
    load: () => import("../commands/network/prune.ts"),
  },
  {
    words: ["network", "rm"],
    also: ["remove"],
    usage: "NETWORK [NETWORK...]",
    summary: "Remove one or more networks",
    load: () => import("../commands/network/rm.ts"),
  },
];
