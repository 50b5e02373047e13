import { readFileSync, statSync } from "node:fs";
import { ApiError } from "../../api/client/index.ts";
import { EngineError, errnoOf, firstFailure } from "../../base/errors.ts";
import { DEFAULT_HOST } from "../connection/endpoint.ts";
import { isManaged, runsSystemd } from "../engine/service.ts";

/** The address of the engine that a failed connection was for, as api/client names it. */
const placeIn = (message: string): string =>
  / engine at (\S+?)(?:: is wharfd running\?| failed:|$)/.exec(message)?.[1] ?? "";

/** What mends a failure to reach the engine, in half a sentence; nothing where it is not known. */
export function remedyFor(error: unknown): string | undefined {
  const first = firstFailure(error);
  if (first instanceof ApiError || !(first instanceof EngineError)) return undefined;
  const place = placeIn(first.message);
  const code = errnoOf(first.cause);
  if (code === "ENOENT" || code === "ECONNREFUSED") return notRunning(place);
  return first.kind === "forbidden" && code ? notAllowed(place) : undefined;
}

/** Of the machine's own engine, root starts the one that is not there; others are told how. */
function notRunning(place: string): string {
  if (place !== DEFAULT_HOST || process.getuid?.() === 0)
    return "start one with wharfd, or choose another with -H, WHARF_HOST or wharf context use";
  const start = isManaged()
    ? "sudo systemctl start wharf.socket"
    : runsSystemd()
      ? "sudo wharf system install"
      : "sudo wharf ps";
  return `only root can start the engine of this machine: ${start}`;
}

function notAllowed(place: string): string {
  const group = groupOf(place.replace(/^unix:\/\//, ""));
  return group === undefined
    ? "run the command with sudo, or have wharfd --group give the socket to a group of yours"
    : `run the command with sudo, or join the group that owns the socket: sudo usermod -aG ${group} USER`;
}

/** Name of the group that a file is open to; none for root's, and for a file that is not to be seen from here. */
function groupOf(path: string): string | undefined {
  try {
    const { gid } = statSync(path);
    if (gid === 0) return undefined;
    const lines = readFileSync("/etc/group", "utf8").split("\n");
    return lines.map((line) => line.split(":")).find(([, , number]) => Number(number) === gid)?.[0];
  } catch {
    return undefined;
  }
}
