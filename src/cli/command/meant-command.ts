import { NOUNS, ROWS } from "../catalog/index.ts";
import { PROGRAM } from "./help.ts";
import { nearest } from "./nearest.ts";

/** More than these are no hint. */
const MOST = 8;

/** Commands that somebody may have meant who wrote a first word, or a noun and a verb, that there is none of. */
export function meantCommands(first: string, second: string | undefined): readonly string[] {
  if (Object.hasOwn(NOUNS, first)) {
    const own = ROWS.filter(({ words }) => words[0] === first);
    const guests = ROWS.flatMap(({ elsewhere = [] }) => elsewhere).map((path) => path.split(" "));
    const verbs = [
      ...own.flatMap(({ words, also = [] }) => [words[1] ?? "", ...also]),
      ...guests.flatMap(([noun, verb = ""]) => (noun === first ? [verb] : [])),
    ];
    const verb = nearest(second ?? "", verbs);
    return verb === undefined ? [] : [`${PROGRAM} ${first} ${verb}`];
  }
  const names = [
    ...Object.keys(NOUNS),
    ...ROWS.flatMap(({ words, top = [] }) => (words[1] ? top : [words[0]])),
  ];
  // A verb that wants its noun: `wharf prune`
  const nouns = ROWS.filter(({ words, also = [], hidden }) => !hidden && [words[1], ...also].includes(first));
  if (nouns.length > 0 && nouns.length <= MOST)
    return nouns.map(({ words }) => `${PROGRAM} ${words[0]} ${first}`);
  const name = nearest(first, names);
  return name === undefined ? [] : [`${PROGRAM} ${name}`];
}
