/** `os[/arch[/variant]]` as the engine's queries take it: a JSON document. */
export function platformDocument(word: string): string {
  const [os = "", architecture = "", variant = ""] = word.split("/");
  if (word.split("/").length > 3 || !/^[\w.-]+$/.test(os))
    throw new Error(
      `invalid platform: ${JSON.stringify(word)} is an invalid component: platform specifier component must match "^[A-Za-z0-9_.-]+$": invalid argument`,
    );
  return JSON.stringify({ architecture, os, ...(variant ? { variant } : {}) });
}

export const platformQuery = (word: string): string | undefined =>
  word ? platformDocument(word) : undefined;
