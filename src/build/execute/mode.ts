import { invalidParameter } from "../../base/errors.ts";

/** Gives an entry's new mode from its old one. */
export type ChangeMode = (mode: number, isFolder: boolean) => number;

const CLAUSE = /^([ugoa]*)([-+=])([rwxXst]*)$/;

/** Reads `--chmod`: octal digits, or chmod(1)'s words ("u=rwX,go=rX"). Throws invalidParameter. */
export function parseMode(text: string): ChangeMode {
  if (/^[0-7]{1,5}$/.test(text)) {
    const mode = Number.parseInt(text, 8) & 0o7777;
    return () => mode;
  }
  const clauses = text.split(",").map((clause) => {
    const match = CLAUSE.exec(clause);
    if (!match)
      throw invalidParameter(
        `invalid chmod parameter: '${text}'. it should be octal string and between 0 and 07777`,
      );
    return { who: match[1] || "a", operator: match[2]!, rights: match[3]! };
  });
  return (mode, isFolder) =>
    clauses.reduce((before, { who, operator, rights }) => {
      const bits = bitsOf(who, rights, isFolder || (before & 0o111) !== 0);
      if (operator === "+") return before | bits;
      if (operator === "-") return before & ~bits;
      return (before & ~maskOf(who)) | bits;
    }, mode);
}

const SHIFTS: Readonly<Record<string, number>> = { u: 6, g: 3, o: 0 };
const everyone = (who: string): readonly string[] => (who.includes("a") ? ["u", "g", "o"] : [...who]);

function bitsOf(who: string, rights: string, executes: boolean): number {
  const plain =
    (rights.includes("r") ? 4 : 0) |
    (rights.includes("w") ? 2 : 0) |
    (rights.includes("x") || (rights.includes("X") && executes) ? 1 : 0);
  let bits = 0;
  for (const one of everyone(who)) {
    bits |= plain << SHIFTS[one]!;
    if (rights.includes("s") && one !== "o") bits |= one === "u" ? 0o4000 : 0o2000;
  }
  return rights.includes("t") ? bits | 0o1000 : bits;
}

const maskOf = (who: string): number =>
  everyone(who).reduce(
    (mask, one) => mask | (7 << SHIFTS[one]!) | (one === "u" ? 0o4000 : one === "g" ? 0o2000 : 0o1000),
    0,
  );
