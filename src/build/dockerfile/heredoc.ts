import { lex } from "./lexer.ts";

/** The `<<NAME` that announces a heredoc. */
export interface HeredocMark {
  readonly name: string;
  /** Variables in the content are replaced: the name was not quoted. */
  readonly expands: boolean;
  /** `<<-`: leading tabs are taken off. */
  readonly stripTabs: boolean;
}

export interface Heredoc extends HeredocMark {
  /** As in the file, with a line feed after each line. */
  readonly content: string;
}

const TAKES_HEREDOCS = /^\s*(?:ONBUILD\s+)*(?:ADD|COPY|RUN)\s/i;
const MARK = /^(\d*)<<(-?)([^<]+)$/;

/** Heredocs announced in the text of one instruction, in order. Only ADD, COPY and RUN take them. */
export function findHeredocs(text: string, escapeToken: string): readonly HeredocMark[] {
  if (!text.includes("<<") || !TAKES_HEREDOCS.test(text)) return [];
  return rawWords(text, escapeToken).flatMap((word) => heredocMark(word) ?? []);
}

/** Words with their quotes; text whose quotes do not match has no words that could be heredocs. */
function rawWords(text: string, escapeToken: string): readonly string[] {
  try {
    return lex(text, () => undefined, { escapeToken, raw: true }).words;
  } catch {
    return [];
  }
}

/** Reads one word as a heredoc mark; undefined when it is none. */
export function heredocMark(word: string): HeredocMark | undefined {
  const match = MARK.exec(word);
  const written = match?.[3];
  if (!written) return undefined;
  const name = written.replace(/["']/g, "").replace(/\\(.)/g, "$1");
  if (!name) return undefined;
  return { name, expands: !/["'\\]/.test(written), stripTabs: match[2] === "-" };
}

/** The content as its reader sees it: `<<-` without leading tabs. */
export const heredocText = ({ content, stripTabs }: Heredoc): string =>
  stripTabs ? content.replace(/^\t+/gm, "") : content;
