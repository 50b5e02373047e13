/** Manual pages in the macros of man(7), which man-db, groff and mandoc all read. */

const SPECIAL: Readonly<Record<string, string>> = {
  "\\": "\\e",
  "-": "\\-",
  '"': "\\(dq",
  "'": "\\(aq",
  "`": "\\(ga",
  "^": "\\(ha",
  "~": "\\(ti",
};

/** Text as it is to be read: nothing in it is a request, and a hyphen can be copied into a shell. */
export const literal = (text: string): string =>
  text.replace(/[\\\-"'`^~]/g, (letter) => SPECIAL[letter] ?? letter);

const bold = (text: string): string => `\\fB${literal(text)}\\fR`;
const italic = (text: string): string => `\\fI${literal(text)}\\fR`;

/** A line of text, whatever it begins with. */
const line = (text: string): string => (/^[.\s]/.test(text) ? `\\&${literal(text)}` : literal(text));

/** Lines as they stand, for what is laid out by hand. */
export const verbatim = (text: string): string =>
  `.RS 4\n.nf\n${text.split("\n").map(line).join("\n")}\n.fi\n.RE`;

/** Lines with columns, or indented ones. */
const LAID_OUT = /(?:^|[\n ]) +\S/;

/** Paragraphs; those whose lines are laid out by hand stay so. */
export function prose(text: string): string {
  return text
    .trim()
    .split(/\n\s*\n/)
    .map(
      (paragraph) =>
        `.PP\n${LAID_OUT.test(paragraph) ? verbatim(paragraph) : paragraph.split("\n").map(line).join("\n.br\n")}`,
    )
    .join("\n");
}

export const section = (title: string, body: string): string => `.SH ${title}\n${body}`;
export const subsection = (title: string, body: string): string => `.SS ${literal(title)}\n${body}`;

export interface Item {
  readonly term: string;
  /** Behind the term, in italics: what a flag takes. */
  readonly value?: string;
  readonly text: string;
}

/** Terms with what they mean. */
export const items = (list: readonly Item[]): string =>
  list
    .map(({ term, value, text }) => {
      const head = value ? `${bold(term)} ${italic(value)}` : bold(term);
      return `.TP\n${head}\n${text.split("\n").map(line).join("\n.br\n")}`;
    })
    .join("\n");

/** Forms of a command line: what stands for something else in italics. */
export const synopsis = (name: string, forms: readonly string[]): string =>
  forms
    .map((form) => {
      const words = form
        .split(" ")
        .filter((word) => word !== "")
        .map((word) => (/[A-Z]/.test(word) ? italic(word) : literal(word)));
      return [bold(name), ...words].join(" ");
    })
    .join("\n.br\n");

/** Names of pages, as `wharf-run(1), wharf(1)`. */
export const references = (pages: readonly (readonly [name: string, volume: number])[]): string =>
  pages.map(([name, volume]) => `.BR ${literal(name)} (${volume})`).join(",\n");

/** A whole page. `name` is wharf-run, `volume` the number of its chapter. */
export const page = (
  name: string,
  volume: number,
  summary: string,
  version: string,
  sections: readonly string[],
): string =>
  [
    `.TH ${literal(name.toUpperCase())} ${volume} "" "Wharf ${literal(version)}" "Wharf"`,
    section("NAME", `${literal(name)} \\- ${literal(summary)}`),
    ...sections,
    "",
  ].join("\n");
