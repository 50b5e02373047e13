import { join } from "node:path";
import { bool, listOf, offer, text } from "./flag.ts";

/** Where docker keeps a user's configuration. Most have HOME set, and need not wait for node:os. */
export const USER_FOLDER = join(
  process.env["HOME"] || process.getBuiltinModule("node:os").homedir(),
  ".docker",
);

/** Flags before the command. */
export const GLOBAL_FLAGS = {
  config: offer(
    "folder",
    text("", "Location of client config files", process.env["DOCKER_CONFIG"] || USER_FOLDER),
  ),
  context: offer(
    "context",
    text(
      "c",
      'Name of the context to use to connect to the daemon (overrides DOCKER_HOST env var and default context set with "wharf context use")',
    ),
  ),
  debug: bool("D", "Enable debug mode"),
  host: listOf((word) => word)("H", "Daemon socket to connect to"),
  "log-level": offer(
    ["debug", "info", "warn", "error", "fatal"],
    text("l", 'Set the logging level ("debug", "info", "warn", "error", "fatal")', "info"),
  ),
  "no-autostart": bool("", "Do not start the engine of this machine when it does not run"),
  tls: bool("", "Use TLS; implied by --tlsverify"),
  tlscacert: offer("file", text("", "Trust certs signed only by this CA", join(USER_FOLDER, "ca.pem"))),
  tlscert: offer("file", text("", "Path to TLS certificate file", join(USER_FOLDER, "cert.pem"))),
  tlskey: offer("file", text("", "Path to TLS key file", join(USER_FOLDER, "key.pem"))),
  tlsverify: bool("", "Use TLS and verify the remote"),
  version: bool("v", "Print version information and quit"),
} as const;
