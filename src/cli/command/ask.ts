import type { Context } from "../context.ts";
import { ExitError } from "./failure.ts";

/** Asks before what cannot be undone; anything but a yes is a no. */
export async function confirm({ out }: Pick<Context, "out">, question: string): Promise<boolean> {
  out.write(`${question} [y/N] `);
  const answer = await readLine();
  return answer.trim().toLowerCase() === "y";
}

/** docker's code for a question that was answered by an interrupt. */
const INTERRUPTED = 130;

/** The first line of stdin; empty at its end. */
export function readLine(): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = "";
    const done = (line: string) => {
      process.stdin.pause();
      process.off("SIGINT", interrupt);
      resolve(line);
    };
    const interrupt = () => reject(new ExitError(INTERRUPTED));
    process.once("SIGINT", interrupt);
    process.stdin.setEncoding("utf8");
    process.stdin.on("data", (chunk: string) => {
      text += chunk;
      const feed = text.indexOf("\n");
      if (feed >= 0) done(text.slice(0, feed));
    });
    process.stdin.once("end", () => done(text));
    process.stdin.once("error", () => done(text));
  });
}
