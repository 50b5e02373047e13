import { wordOf } from "../completion/candidates.ts";
import type { Kind, Offer } from "../completion/kinds.ts";
import { askingOf, offered } from "../completion/offered.ts";
import type { Context } from "../context.ts";
import type { FlagTable, Parsed } from "../flags/flag.ts";
import type { CommandModule } from "./command.ts";
import { nearest } from "./nearest.ts";

/** A word of the command line that a failure spoke of, and how a better one is written. */
interface Written {
  readonly word: string;
  readonly offer: Offer;
  readonly as: (better: string) => string;
}

/** A name that exists in another state than the verb wants is no slip of the pen: all of its kind are looked at. */
const ALL: Partial<Readonly<Record<Kind, Kind>>> = {
  runningContainer: "container",
  activeContainer: "container",
  pausedContainer: "container",
  stoppedContainer: "container",
  removableContainer: "container",
  attachedContainer: "container",
  connectableContainer: "container",
};

/**
 * Says on stderr what was probably meant by names and values of flags that a command has failed over: those that are
 * in what it `said`, that are none of the words there are, and that are near one of them.
 */
export async function showMeant(
  context: Context,
  module: CommandModule,
  parsed: Parsed<FlagTable>,
  said: string,
): Promise<void> {
  const written = [...argumentsOf(module, parsed), ...flagsOf(module, parsed)];
  // An engine that could not be reached is not asked for its names.
  if (/Cannot connect to the Docker daemon/.test(said)) return;
  const spokenOf = written.filter(({ word }) => said.includes(nameIn(word)) && nameIn(word) !== "");
  const asking = askingOf(context, { ...parsed, values: {} });
  for (const { word, offer, as } of spokenOf) {
    const all = typeof offer === "string" ? (ALL[offer] ?? offer) : offer;
    const { words } = await offered(all, asking(""));
    const better = betterWord(word, words.map(wordOf));
    const instead = spokenOf.length > 1 ? ` instead of ${word}` : "";
    if (better !== undefined) context.err.write(`Did you mean ${as(better)}${instead}?\n`);
  }
}

/** A name without what is behind it in `web:/etc` or `on-failure:3`. */
const nameIn = (word: string): string => word.replace(/[:=].*$/s, "");

/** The nearest of the words there are; undefined when the word is one of them, or like none. */
export function betterWord(word: string, there: readonly string[]): string | undefined {
  // `NAME:` stands for a name with something behind it.
  const open = there.length > 0 && there.every((name) => /[:=]$/.test(name));
  const names = there.flatMap((name) => {
    if (open) return [name.slice(0, -1)];
    return name.endsWith(":latest") ? [name.replace(/:latest$/, ""), name] : [name];
  });
  const bare = open ? nameIn(word) : word;
  if (names.includes(bare) || names.includes(nameIn(bare))) return undefined;
  const name = nearest(bare, names);
  return name === undefined ? undefined : name + word.slice(bare.length);
}

function argumentsOf(
  { arguments: { offers } }: CommandModule,
  { args }: Parsed<FlagTable>,
): readonly Written[] {
  return args.flatMap((word, index) => {
    const offer = offers[index] ?? offers.at(-1);
    return offer === undefined ? [] : [{ word, offer, as: (better: string) => better }];
  });
}

function flagsOf({ flags }: CommandModule, { values, changed }: Parsed<FlagTable>): readonly Written[] {
  return [...changed].flatMap((name): readonly Written[] => {
    const offer = flags[name]?.offers;
    const value: unknown = values[name];
    if (offer === undefined) return [];
    if (value instanceof Map) return pairsOf(name, offer, value);
    const words = (Array.isArray(value) ? value : [value]).filter((word) => typeof word === "string");
    return words.map((word) => ({ word, offer, as: (better: string) => `--${name} ${better}` }));
  });
}

/** Names and values of filters. */
function pairsOf(
  name: string,
  offer: Offer,
  filters: ReadonlyMap<string, readonly string[]>,
): readonly Written[] {
  if (typeof offer === "string" || !("pairs" in offer)) return [];
  return [...filters].flatMap(([key, values]): readonly Written[] => {
    const known = offer.pairs[key];
    const as = (text: string) => `--${name} ${text}`;
    if (known === undefined)
      return [
        { word: key, offer: Object.keys(offer.pairs), as: (better) => as(`${better}=${values[0] ?? ""}`) },
      ];
    return values.map((word) => ({ word, offer: known, as: (better) => as(`${key}=${better}`) }));
  });
}
