import type { Advice, Verdict, WhyCause, WhyFacts } from "./facts.ts";

interface Hint {
  readonly cause: WhyCause;
  readonly pattern: RegExp;
  readonly reason: (facts: WhyFacts, found: RegExpExecArray) => string;
  readonly advice: (facts: WhyFacts, found: RegExpExecArray) => readonly Advice[];
}

/** The last path that a line names, and its folder. */
function pathsIn(line: string): readonly string[] {
  const path = [...line.matchAll(/\/[\w@%+=,./-]*[\w/]/g)].at(-1)?.[0] ?? "/";
  return path === "/" ? [path] : [path.slice(0, Math.max(1, path.lastIndexOf("/"))), path];
}

const who = ({ user }: WhyFacts): string => (user === "" ? "root" : user);

/** The C library's words (strerror(3)) and what they mean for a container. */
const HINTS: readonly Hint[] = [
  {
    cause: "libraryTooOld",
    pattern: /version [`'‘"]?(GLIBC\w*_[\d.]+)['’"]? not found|Error relocating (\S+): .*symbol not found/,
    reason: (_facts, [, version]) =>
      `it was built for another C library than its image has${version ? ` (it wants ${version})` : ""}`,
    advice: () => [{ text: "Build it in the image it is to run in, or take a newer base image" }],
  },
  {
    cause: "diskFull",
    pattern: /no space left on device|disk quota exceeded/i,
    reason: () => "there was no room left where it writes",
    advice: () => [
      { text: "See what takes the room", command: "wharf system df" },
      { text: "Remove what nobody uses", command: "wharf system prune" },
    ],
  },
  {
    cause: "readOnly",
    pattern: /read-only file system/i,
    reason: () => "it wanted to write to a file system that is read-only for it",
    advice: () => [
      {
        text: "Give it a place to write, beside --read-only or a :ro volume",
        command: "wharf run --tmpfs /run ...",
      },
    ],
  },
  {
    cause: "permissionDenied",
    pattern: /permission denied|operation not permitted|EACCES|EPERM/i,
    reason: (facts) => `it was refused something it is not permitted, as user ${who(facts)}`,
    advice: ({ image, user }, { input }) => [
      {
        text: "See whose that file and its folder are",
        command: `wharf run --rm --user root --entrypoint ls ${image} -ld ${pathsIn(input).join(" ")}`,
      },
      {
        text:
          user === "" || user === "root" || user === "0"
            ? "What root is not permitted is a matter of capabilities, seccomp, a read-only mount or the host's own rules for a bind"
            : `Give the file to user ${user}, or run as the user it belongs to (--user)`,
      },
    ],
  },
  {
    cause: "addressInUse",
    pattern: /address (?:already )?in use|EADDRINUSE/i,
    reason: () => "the address it listens on is taken within its network",
    advice: () => [
      {
        text: "With --network host or container:X another program has the port: stop that one, or let this one listen elsewhere",
        command: "ss -ltnp",
      },
    ],
  },
  {
    cause: "fileMissing",
    pattern: /no such file or directory|cannot find module|can't open file|ENOENT/i,
    reason: () => "a file that it needs is not in the container",
    advice: ({ name, image }) => [
      { text: "Look into its files", command: `wharf run --rm -it --entrypoint sh ${image}` },
      { text: "See what is mounted over them", command: `wharf inspect -f '{{json .Mounts}}' ${name}` },
    ],
  },
];

/** What the last lines of the log say, where they say one of these. Pure. */
export function diagnoseLog(facts: WhyFacts): Verdict | undefined {
  for (const line of facts.log.toReversed()) {
    for (const { cause, pattern, reason, advice } of HINTS) {
      const found = pattern.exec(line);
      if (!found) continue;
      const evidence = [{ name: "its words", text: line.trim() }];
      return { cause, reason: reason(facts, found), evidence, advice: advice(facts, found) };
    }
  }
  return undefined;
}
