import type { Row } from "./row.ts";

/** The engine and the machine it runs on. */
export const SYSTEM: readonly Row[] = [
  {
    words: ["system", "df"],
    usage: "[OPTIONS]",
    summary: "Show docker disk usage",
    load: () => import("../commands/system/df.ts"),
  },
  {
    words: ["system", "dial-stdio"],
    usage: "",
    summary: "Proxy the stdio stream to the daemon connection. Should not be invoked manually.",
    hidden: true,
    load: () => import("../commands/system/dial-stdio.ts"),
  },
  {
    words: ["system", "events"],
    top: ["events"],
    usage: "[OPTIONS]",
    summary: "Get real time events from the server",
    load: () => import("../commands/system/events.ts"),
  },
  {
    words: ["system", "info"],
    top: ["info"],
    usage: "[OPTIONS]",
    summary: "Display system-wide information",
    load: () => import("../commands/system/info.ts"),
  },
  {
    words: ["system", "install"],
    usage: "[OPTIONS]",
    summary: "Install the engine as a service of systemd",
    load: () => import("../commands/system/install.ts"),
  },
  {
    words: ["system", "uninstall"],
    usage: "[OPTIONS]",
    summary: "Remove the service of systemd",
    load: () => import("../commands/system/uninstall.ts"),
  },
  {
    words: ["system", "prune"],
    usage: "[OPTIONS]",
    summary: "Remove unused data",
    load: () => import("../commands/system/prune.ts"),
  },
  {
    words: ["plugin", "ls"],
    also: ["list"],
    usage: "[OPTIONS]",
    summary: "List plugins",
    load: () => import("../commands/plugin/ls.ts"),
  },
  {
    words: ["doctor"],
    usage: "[OPTIONS]",
    summary: "Check what this machine has for containers",
    load: () => import("../commands/system/doctor.ts"),
  },
  {
    words: ["version"],
    usage: "[OPTIONS]",
    summary: "Show the Docker version information",
    load: () => import("../commands/system/version.ts"),
  },
];
