import { invalidParameter } from "../../base/errors.ts";

/** A namespace mode in HostConfig: "host", "container:x", or a word of its own. */
export type Mode =
  | { readonly kind: "container"; readonly container: string }
  | { readonly kind: "word"; readonly word: string };

export function parseMode(text: string): Mode {
  if (!text.startsWith("container:")) return { kind: "word", word: text };
  return { kind: "container", container: text.slice("container:".length) };
}

/** The container a mode refers to, if it does. */
export function donorOf(text: string | undefined): string | undefined {
  const mode = parseMode(text ?? "");
  return mode.kind === "container" ? mode.container : undefined;
}

/** Refuses what is neither one of `words` nor (where allowed) "container:<name|id>". */
export function checkMode(what: string, text: string, words: readonly string[], mayJoin: boolean): void {
  const mode = parseMode(text);
  if (mode.kind === "word" ? words.includes(mode.word) : mayJoin && mode.container !== "") return;
  throw invalidParameter(`invalid ${what} mode: ${text}`);
}

/** What NetworkMode asks for; "default" and nothing are the default bridge. */
export function networkMode(text: string | undefined): string {
  return text === undefined || text === "" || text === "default" ? "bridge" : text;
}
