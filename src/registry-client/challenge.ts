/** One way a server offers to be convinced (RFC 9110, section 11.6.1). Names are lower case. */
export interface Challenge {
  readonly scheme: string;
  readonly parameters: Readonly<Record<string, string>>;
}

/** Longer headers are not read: no registry needs as much, and the pattern below must not be fed without bounds. */
const LENGTH_LIMIT = 16 * 1024;
const TOKEN = "[A-Za-z0-9!#$%&'*+.^_`|~-]+";
const NEXT = new RegExp(
  `[\\s,]*(${TOKEN})(?:\\s*=\\s*(?:"((?:[^"\\\\]|\\\\.)*)"|(${TOKEN}))|(?=[\\s,]|$))`,
  "y",
);

/** Reads a `WWW-Authenticate` header, several challenges in one value too. What cannot be read ends the list. Pure. */
export function parseChallenges(header: string | undefined): readonly Challenge[] {
  const text = (header ?? "").slice(0, LENGTH_LIMIT);
  const challenges: { readonly scheme: string; readonly parameters: Record<string, string> }[] = [];
  NEXT.lastIndex = 0;
  for (let match = NEXT.exec(text); match; match = NEXT.exec(text)) {
    const [, name = "", quoted, plain] = match;
    const value = quoted?.replace(/\\(.)/g, "$1") ?? plain;
    const current = challenges.at(-1);
    if (value === undefined) challenges.push({ scheme: name.toLowerCase(), parameters: Object.create(null) });
    else if (current) current.parameters[name.toLowerCase()] = value;
    else break;
  }
  return challenges;
}
