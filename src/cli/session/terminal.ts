import { setTimeout as sleep } from "node:timers/promises";
import { isTerminal } from "../tty/style.ts";

/** Height and width of our terminal; undefined without one. */
export function terminalSize(): Size | undefined {
  const { stdout } = process;
  if (stdout.isTTY !== true || !stdout.rows || !stdout.columns) return undefined;
  return [stdout.rows, stdout.columns];
}

const TRIES = 5;
const PAUSE_MS = 10;

type Size = readonly [height: number, width: number];

/**
 * Tells sizes one after the other, each as it is when its turn has come: requests on their way at the same time might
 * overtake each other, and the last to arrive be an old one. The process may not have begun: that is tried again.
 */
export function sizeTeller(
  resize: (...size: Size) => Promise<unknown>,
  current: () => Size | undefined,
): () => void {
  let last = Promise.resolve();
  const tell = async (): Promise<void> => {
    for (let tries = 1; tries <= TRIES; tries++) {
      const size = current();
      if (size === undefined) return;
      try {
        await resize(...size);
        return;
      } catch {
        await sleep(PAUSE_MS * tries, undefined, { ref: false });
      }
    }
  };
  return () => {
    last = last.then(tell);
  };
}

/** Gives the process's terminal the size of ours, now and whenever ours changes. Gives the end of it. */
export function followSize(resize: (...size: Size) => Promise<unknown>): () => void {
  if (!isTerminal(1)) return () => undefined;
  const tell = sizeTeller(resize, terminalSize);
  const { stdout } = process;
  // Not the signal itself: the stream asks for its size only after it.
  stdout.on("resize", tell);
  tell();
  return () => stdout.off("resize", tell);
}

/**
 * Makes our terminal raw: every key goes to the process, and its output comes as it is. Node's raw mode still turns a
 * line feed into two characters, which moves the cursor of full-screen programs; stty, where there is one, ends that.
 */
export function makeRaw(raw: boolean): void {
  process.stdin.setRawMode(raw);
  if (raw)
    process
      .getBuiltinModule("node:child_process")
      .spawnSync("stty", ["-opost"], { stdio: ["inherit", "ignore", "ignore"] });
}

/** Refuses to give a process a terminal where our stdin is none. */
export function requireTerminal(attachStdin: boolean, tty: boolean): void {
  if (attachStdin && tty && !isTerminal(0)) throw new Error("the input device is not a TTY");
}
