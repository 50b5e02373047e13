import { text } from "node:stream/consumers";
import { ExitError } from "./failure.ts";

const INTERRUPTED = 130;
const [CTRL_C, CTRL_D, BACKSPACE, DELETE] = ["\x03", "\x04", "\b", "\x7f"];

/** A secret from stdin to its end, without the line feed behind it. */
async function fromStdin(): Promise<string> {
  return (await text(process.stdin)).replace(/\r?\n$/, "");
}

/** A secret typed at the terminal, which does not show it. */
async function fromTerminal(question: string): Promise<string> {
  const { stdin } = process;
  // Before the question: what is typed at once is not shown either.
  stdin.setRawMode(true);
  process.stdout.write(question);
  stdin.setEncoding("utf8");
  try {
    return await new Promise<string>((resolve, reject) => {
      let typed = "";
      stdin.on("data", (chunk: string) => {
        for (const key of chunk) {
          if (key === "\r" || key === "\n" || key === CTRL_D) resolve(typed);
          else if (key === CTRL_C) reject(new ExitError(INTERRUPTED));
          else if (key === BACKSPACE || key === DELETE) typed = typed.slice(0, -1);
          else typed += key;
        }
      });
    });
  } finally {
    stdin.setRawMode(false);
    stdin.pause();
    process.stdout.write("\n");
  }
}

export const readSecret = { fromStdin, fromTerminal };
