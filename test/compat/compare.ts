import type { Answer } from "./harness.ts";

/** What differs in one line's answers: its `code`, `stdout`, `stderr`, or a value of its JSON (`HostConfig.Dns`). */
export interface Difference {
  readonly line: string;
  readonly part: string;
  readonly ours: string;
  readonly theirs: string;
}

/** What no two runs have in common, and a word for it. Order matters: longer forms first. */
const MASKS: readonly (readonly [RegExp, string])[] = [
  [/\b(?:sha256:)?[0-9a-f]{64}\b/g, "<id>"],
  [/\b[0-9a-f]{12}\b/g, "<short>"],
  [/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)/g, "<time>"],
  [/\b(?:[0-9a-f]{2}:){5}[0-9a-f]{2}\b/g, "<mac>"],
  [/\b172\.\d+\.\d+\.\d+\b/g, "<address>"],
  [/\b1\.9\dMB\b/g, "<size>"],
  [/\b(?:\d+|[Aa]n?|Less than a|About an?) (?:second|minute|hour)s?(?: ago)?/g, "<duration>"],
  [/\/(?:tmp|run|var)\/[^\s"',]*\/(?:containers|volumes|overlay2|netns|mounts)\b/g, "<root>"],
];

export const mask = (text: string): string =>
  MASKS.reduce((masked, [pattern, word]) => masked.replaceAll(pattern, word), text);

type Leaves = ReadonlyMap<string, string>;

/** One of texts and numbers: compared as a whole. */
const isPlainList = (value: object): boolean =>
  Array.isArray(value) && value.every((entry) => typeof entry !== "object" || entry === null);

/** Process ids differ, but whether there is one does not. */
const leafOf = (path: string, value: unknown): string =>
  path.endsWith("Pid") && value !== 0 ? "<pid>" : mask(JSON.stringify(value));

/** Every value of a JSON document by its path; keys are masked too, empty maps and plain lists are values. */
function leavesOf(document: unknown, path = ""): [string, string][] {
  const isTree = typeof document === "object" && document !== null && !isPlainList(document);
  const entries = isTree ? Object.entries(inOrder(document)) : [];
  if (entries.length === 0) return [[path, leafOf(path, document)]];
  return entries.flatMap(([key, value]) => leavesOf(value, path === "" ? mask(key) : `${path}.${mask(key)}`));
}

/** Mounts come in no particular order. */
const inOrder = (document: object): object =>
  Array.isArray(document) ? document.toSorted((a, b) => sortKey(a).localeCompare(sortKey(b))) : document;
const sortKey = (entry: unknown): string =>
  typeof entry === "object" && entry !== null && "Destination" in entry ? String(entry.Destination) : "";

function jsonOf(text: string): Leaves | undefined {
  if (!/^\s*[[{]/.test(text)) return undefined;
  try {
    const document: unknown = JSON.parse(text);
    return new Map(leavesOf(Array.isArray(document) && document.length === 1 ? document[0] : document));
  } catch {
    return undefined;
  }
}

function* compareStdout(line: string, ours: string, theirs: string): Generator<Difference> {
  const [own, other] = [jsonOf(ours), jsonOf(theirs)];
  if (!own || !other) {
    if (mask(ours) !== mask(theirs)) yield { line, part: "stdout", ours: mask(ours), theirs: mask(theirs) };
    return;
  }
  for (const part of new Set([...own.keys(), ...other.keys()])) {
    const [left, right] = [own.get(part) ?? "absent", other.get(part) ?? "absent"];
    if (left !== right) yield { line, part, ours: left, theirs: right };
  }
}

/** The differences between two engines' answers to the same line. */
export function* compare(ours: Answer, theirs: Answer): Generator<Difference> {
  const { line } = ours;
  if (ours.code !== theirs.code)
    yield { line, part: "code", ours: String(ours.code), theirs: String(theirs.code) };
  yield* compareStdout(line, ours.stdout, theirs.stdout);
  if (mask(ours.stderr) !== mask(theirs.stderr))
    yield { line, part: "stderr", ours: mask(ours.stderr), theirs: mask(theirs.stderr) };
}
