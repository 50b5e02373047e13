import { readFileSync } from "node:fs";
import { errnoOf } from "../../base/errors.ts";
import { check, native } from "./libc.ts";

const prctl = native("prctl", "int", "int", "ulong", "ulong", "ulong", "ulong");
const waitid = native("waitid", "int", "int", "uint", "void *", "int");
const waitpid = native("waitpid", "int", "int", "void *", "int");

const PR_SET_CHILD_SUBREAPER = 36;
const P_ALL = 0;
const WNOHANG = 1;
const WEXITED = 4;
/** Only looks: whoever waits for the process later still can. */
const WNOWAIT = 0x01000000;
const SIGINFO_BYTES = 128;
/** Where si_pid lies in it, in 32-bit words. */
const SI_PID = 4;

/** Milliseconds in which Node waits for its own children, which it does as soon as it gets to it. */
const FIRST_LOOK = 50;
const SECOND_LOOK = 1000;

/** A child that has ended and has not been waited for; 0 when there is none. */
function endedChild(): number {
  const info = new Int32Array(SIGINFO_BYTES / 4);
  // Fails when there is no child at all.
  const failed = waitid(P_ALL, 0, new Uint8Array(info.buffer), WEXITED | WNOHANG | WNOWAIT) < 0;
  return failed ? 0 : (info[SI_PID] ?? 0);
}

/** Whether it is in a PID namespace below ours. Nobody starts children there directly. */
function isInside(pid: number): boolean {
  try {
    return /^NSpid:\t\d+\t/m.test(readFileSync(`/proc/${pid}/status`, "latin1"));
  } catch (error) {
    if (errnoOf(error) === "ENOENT" || errnoOf(error) === "ESRCH") return false;
    throw error;
  }
}

let timer: NodeJS.Timeout | undefined;
let suspect = 0;

function look(): void {
  timer = undefined;
  for (let pid = endedChild(); pid > 0; pid = endedChild()) {
    if (pid !== suspect && !isInside(pid)) {
      // It may be a child of Node's that Node has not got to yet.
      suspect = pid;
      lookAfter(SECOND_LOOK);
      return;
    }
    suspect = 0;
    waitpid(pid, null, WNOHANG);
  }
  suspect = 0;
}

function lookAfter(milliseconds: number): void {
  if (!timer) timer = setTimeout(look, milliseconds).unref();
}

/**
 * Orphans become children of this process, and are waited for when they end (PR_SET_CHILD_SUBREAPER, prctl(2)). Where the
 * machine's first process never does that, the runtime's leftovers of a failed exec stay in the container's PID namespace
 * as zombies, and the container's end waits for them for ever.
 */
export function adoptOrphans(): void {
  check(prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0), "prctl", "PR_SET_CHILD_SUBREAPER");
  process.on("SIGCHLD", () => lookAfter(FIRST_LOOK));
}
