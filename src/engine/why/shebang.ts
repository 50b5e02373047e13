/** The first line of a script, as the kernel's fs/binfmt_script.c reads it. */
export interface Shebang {
  readonly interpreter: string;
  /** The rest of the line, one argument; its first word where it is one. */
  readonly argument: string;
  /** The line ends in CR LF. The kernel takes the CR for a part of the last word. */
  readonly crlf: boolean;
}

/** Undefined for a file that does not begin with "#!". Pure. */
export function parseShebang(bytes: Uint8Array): Shebang | undefined {
  if (bytes[0] !== 0x23 || bytes[1] !== 0x21) return undefined;
  const feed = bytes.indexOf(0x0a);
  const line = new TextDecoder().decode(bytes.subarray(2, feed < 0 ? bytes.length : feed));
  const [, interpreter = "", argument = ""] = /^[ \t]*([^ \t]*)[ \t]*([^ \t]*)/.exec(line) ?? [];
  const clean = (word: string) => word.replace(/\r$/, "");
  return { interpreter: clean(interpreter), argument: clean(argument), crlf: line.endsWith("\r") };
}
