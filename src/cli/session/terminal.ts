import { isTerminal } from "../tty/style.ts";

/** Height and width of our terminal; undefined without one. */
export function terminalSize(): readonly [height: number, width: number] | undefined {
  const { stdout } = process;
  if (stdout.isTTY !== true || !stdout.rows || !stdout.columns) return undefined;
  return [stdout.rows, stdout.columns];
}

const TRIES = 5;
const PAUSE_MS = 10;

/**
 * Gives the process's terminal the size of ours, now and whenever ours changes. The process may not have begun when it
 * is first told: that is tried again. Gives the end of it.
 */
export function followSize(resize: (height: number, width: number) => Promise<unknown>): () => void {
  if (!isTerminal(1)) return () => undefined;
  const tell = async (tries: number): Promise<void> => {
    const size = terminalSize();
    if (size === undefined) return;
    try {
      await resize(...size);
    } catch {
      if (tries > 1) setTimeout(() => void tell(tries - 1), PAUSE_MS * (TRIES - tries + 1)).unref();
    }
  };
  const { stdout } = process;
  // Not the signal itself: the stream asks for its size only after it.
  const onChange = () => void tell(1);
  stdout.on("resize", onChange);
  void tell(TRIES);
  return () => stdout.off("resize", onChange);
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
