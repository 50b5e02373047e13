/** What a runtime, a loader or a shell says in a log about a program that it could not run. */
export interface Complaint {
  /** As it was called; undefined where the line does not say. */
  readonly program: string | undefined;
  readonly line: string;
}

const quoted = "[`'‘\"]?(.+?)[`'’\"]?";

/** The first group names the program. */
const SAYINGS: readonly RegExp[] = [
  // crun, runc, tini
  new RegExp(`^exec container process (?:\\(missing dynamic library\\?\\) )?${quoted}: .+$`, "i"),
  new RegExp(`^exec ${quoted}: (?:no such file or directory|exec format error|permission denied)$`, "i"),
  new RegExp(`^\\[(?:FATAL|WARN) +tini[^\\]]*\\] exec ${quoted} failed: .+$`),
  // ld.so(8), and musl's, which names the library first
  /^(\S+): error while loading shared libraries: /,
  /^Error loading shared library \S+: .*\(needed by (\S+)\)$/,
  // env(1)
  new RegExp(
    `^(?:/usr/bin/)?env: (?:can't execute )?${quoted}: (?:No such file or directory|Permission denied)$`,
  ),
  // Shells: "sh: nosuch: not found", "/bin/sh: 1: nosuch: not found", "x.sh: line 3: nosuch: command not found"
  /^\S*(?:sh|\.sh)\S*: (?:line )?(?:\d+: )?(?:exec: )?(.+?): (?:command )?not found$/,
  /^\S*(?:sh|\.sh)\S*: (?:line )?(?:\d+: )?(?:exec: )?(\S+?): (?:cannot execute.*|bad interpreter.*|.*required file not found)$/,
  /^\S*(?:sh|\.sh)\S*: (?:line )?(?:\d+: )?(?:exec: )?(\/\S+|\.\S*): (?:Permission denied|No such file or directory|Exec format error)$/i,
];

/** The last such line of a log. Pure. */
export function complaintOf(log: readonly string[]): Complaint | undefined {
  for (const line of log.toReversed()) {
    const text = line.trim();
    for (const saying of SAYINGS) {
      const found = saying.exec(text);
      if (found) return { program: found[1]?.replace(/\r$/, ""), line: text };
    }
  }
  return undefined;
}
