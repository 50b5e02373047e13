import type { PlatformValue } from "../../api/routes/query.ts";

const HOST_ARCHITECTURES: Readonly<Record<string, string>> = { x64: "amd64", ia32: "386", arm64: "arm64" };
const hostArchitecture = (): string => HOST_ARCHITECTURES[process.arch] ?? process.arch;

/** `os[/arch[/variant]]` as the engine's queries take it; the architecture is this machine's when none is named. */
export function platformDocument(word: string): PlatformValue {
  const [os = "", architecture = hostArchitecture(), variant = ""] = word.split("/");
  if (word.split("/").length > 3 || !/^[\w.-]+$/.test(os))
    throw new Error(
      `invalid platform: ${JSON.stringify(word)} is an invalid component: platform specifier component must match "^[A-Za-z0-9_.-]+$": invalid argument`,
    );
  return { os, architecture, ...(variant ? { variant } : {}) };
}

export const platformQuery = (word: string): PlatformValue | undefined =>
  word ? platformDocument(word) : undefined;
