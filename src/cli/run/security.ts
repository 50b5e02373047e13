import { readText } from "./files.ts";

export interface Security {
  readonly options: readonly string[];
  /** Nothing of the system's is masked or read-only. */
  readonly unconfinedPaths: boolean;
}

/** `--security-opt` words. A seccomp profile is read here: its path is one of this machine. */
export function readSecurity(words: readonly string[]): Security {
  let unconfinedPaths = false;
  const options: string[] = [];
  for (const word of words) {
    if (word === "systempaths=unconfined") {
      unconfinedPaths = true;
      continue;
    }
    const [, key = word, value] = /^([^=:]*)[=:](.*)$/s.exec(word) ?? [];
    if (value === undefined && word !== "no-new-privileges")
      throw new Error(`Invalid --security-opt: ${JSON.stringify(word)}`);
    options.push(key === "seccomp" && value !== undefined ? readProfile(word, value) : word);
  }
  return { options, unconfinedPaths };
}

function readProfile(word: string, path: string): string {
  if (path === "unconfined" || path === "builtin") return word;
  let text: string;
  try {
    text = readText(path);
  } catch (error) {
    throw new Error(`opening seccomp profile (${path}) failed: ${(error as Error).message}`, {
      cause: error,
    });
  }
  try {
    return `seccomp=${JSON.stringify(JSON.parse(text))}`;
  } catch (error) {
    throw new Error(`compacting json for seccomp profile (${path}) failed: ${(error as Error).message}`, {
      cause: error,
    });
  }
}
