import type { Screen } from "../tty/style.ts";
import { complete } from "./complete.ts";

/**
 * Answers a shell's script in cobra's protocol, which docker speaks, too: candidates, one a line, what each is behind a
 * tab (`__complete`) or without (`__completeNoDesc`); in the last line a colon and the directive's number.
 */
export async function answer(
  request: string,
  words: readonly string[],
  out: Screen,
  env: NodeJS.ProcessEnv,
): Promise<number> {
  const told = request !== "__completeNoDesc";
  const { words: candidates, directive } = await complete(words, env);
  const lines = candidates.map((candidate) =>
    typeof candidate === "string" ? candidate : told && candidate[1] ? candidate.join("\t") : candidate[0],
  );
  // A name is one line, whatever is in it.
  const clean = lines.filter((line) => !line.includes("\n"));
  out.write(`${clean.map((line) => `${line}\n`).join("")}:${directive}\n`);
  return 0;
}
