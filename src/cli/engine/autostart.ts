import { mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { systemError } from "../../base/errors.ts";
import { DEFAULT_SOCKET } from "../connection/endpoint.ts";
import type { Screen } from "../tty/style.ts";
import { isManaged, systemctl } from "./service.ts";
import { answers, startEngine } from "./start.ts";

const ENGINE = { kind: "unix", path: DEFAULT_SOCKET } as const;
const LOG = "/var/log/wharf/wharfd.log";
/** Held by the command that starts the engine. Beside the engine's own folder, over which it may mount a tmpfs. */
const LOCK = "/run/wharf-start.lock";
const LOCK_PATIENCE_MS = 30_000;

/**
 * Starts the engine of this machine and resolves when it listens: through systemd where its unit is installed, else
 * wharfd itself, in the background. Does nothing for a user who may not. Of commands that do this at once, one starts it.
 */
export async function autostart(err: Screen): Promise<void> {
  if (process.getuid?.() !== 0) return;
  using _lock = lock();
  if (await answers(ENGINE)) return;
  const say = (how: string) => {
    if (err.live) err.write(`Starting the engine (${how})\n`);
  };
  if (isManaged()) {
    say("systemctl start wharf.service");
    return systemctl("start", "wharf.service");
  }
  say(`its log: ${LOG}`);
  mkdirSync(dirname(LOG), { recursive: true });
  await startEngine(ENGINE, [], LOG);
}

/** The kernel gives it back however the process ends. Whoever comes second waits for the first. */
function lock(): Disposable {
  const { DatabaseSync } = process.getBuiltinModule("node:sqlite");
  const held = new DatabaseSync(LOCK);
  try {
    held.exec(`PRAGMA busy_timeout = ${LOCK_PATIENCE_MS}; BEGIN EXCLUSIVE`);
  } catch (cause) {
    held.close();
    throw systemError("another command starts the engine, and has not been done in half a minute", cause);
  }
  return { [Symbol.dispose]: () => held.close() };
}
