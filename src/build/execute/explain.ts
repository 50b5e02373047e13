import { createHash } from "node:crypto";
import type { Step } from "../plan/index.ts";
import type { BuildDatabase } from "../ports.ts";

/** What a step was made of when it last ran; compared with what it would be made of now. */
export interface Recipe {
  readonly parent: string;
  readonly command: string;
  /** "KEY=value" of variables the step sees. */
  readonly env: readonly string[];
  readonly config: string;
  /** Checksums by path, of what it takes from the context; at most FILES of them. */
  readonly files: Readonly<Record<string, string>>;
  /** Everything else it takes: images, other stages. */
  readonly inputs: readonly string[];
}

export interface Recipes {
  find(place: string): Recipe | undefined;
  save(place: string, recipe: Recipe): void;
}

export const RECIPE_MIGRATION = `CREATE TABLE build_recipes (
     place TEXT PRIMARY KEY,
     recipe TEXT NOT NULL,
     saved INTEGER NOT NULL
   ) STRICT, WITHOUT ROWID`;

/** More files than these are not remembered one by one. */
const FILES = 2000;
/** Places remembered; the oldest are forgotten. */
const PLACES = 2000;
/** Recipes saved between two looks at how many there are. */
const FORGET_EVERY = 100;
const SHOWN = 5;

const sum = (value: unknown): string => createHash("sha256").update(JSON.stringify(value)).digest("hex");

export function openRecipes(database: BuildDatabase): Recipes {
  let saved = 0;
  return {
    find(place) {
      const row = database.prepare("SELECT recipe FROM build_recipes WHERE place = ?").get(place);
      return row && (JSON.parse(String(row["recipe"])) as Recipe);
    },
    save(place, recipe) {
      database
        .prepare("INSERT OR REPLACE INTO build_recipes (place, recipe, saved) VALUES (?, ?, ?)")
        .run(place, JSON.stringify(recipe), Date.now());
      if (++saved % FORGET_EVERY !== 0) return;
      database
        .prepare(
          `DELETE FROM build_recipes WHERE place IN (SELECT place FROM build_recipes ORDER BY saved DESC LIMIT -1 OFFSET ${PLACES})`,
        )
        .run();
    },
  };
}

/** Where a step stands, so that it is found again although it has changed: its stage and how it begins. */
export const placeOf = (stage: number, base: string, step: Step): string =>
  sum([stage, base, step.title.split(/\s+/).slice(0, 3), step.action.kind]);

export function recipeOf(
  parent: string,
  step: Step,
  inputs: { readonly cheap: readonly string[]; readonly files: ReadonlyMap<string, string> },
): Recipe {
  const { action } = step;
  const env = action.kind === "run" ? action.env : [];
  return {
    parent,
    command: step.title,
    env,
    config: sum([step.config, step.author ?? ""]),
    files: inputs.files.size > FILES ? {} : Object.fromEntries(inputs.files),
    inputs: inputs.files.size > 0 && inputs.files.size <= FILES ? [] : inputs.cheap,
  };
}

/** In words, why a step with the recipe `now` is not what was made with `before`. Empty: nothing differs. */
export function differences(before: Recipe | undefined, now: Recipe): readonly string[] {
  if (!before) return ["it was not built here before"];
  const files = fileDifferences(before.files, now.files);
  const env = envDifferences(before.env, now.env);
  return [
    ...(before.command === now.command ? [] : [`the instruction was: ${before.command}`]),
    ...(before.parent === now.parent ? [] : ["the step before it gave another image"]),
    ...env,
    ...files,
    ...(before.inputs.join() === now.inputs.join() ? [] : ["the files it takes from elsewhere changed"]),
    ...(before.config === now.config || env.length > 0 || before.parent !== now.parent
      ? []
      : ["the configuration around it changed"]),
  ];
}

function envDifferences(before: readonly string[], now: readonly string[]): readonly string[] {
  const [old, current] = [entriesOf(before), entriesOf(now)];
  const names = [...new Set([...old.keys(), ...current.keys()])].filter(
    (name) => old.get(name) !== current.get(name),
  );
  return names.map((name) => `the variable ${name} has another value`);
}

const entriesOf = (env: readonly string[]): ReadonlyMap<string, string> =>
  new Map(env.map((entry) => [entry.split("=", 1)[0] ?? "", entry]));

function fileDifferences(before: Recipe["files"], now: Recipe["files"]): readonly string[] {
  const say = (what: string, paths: readonly string[]): readonly string[] => {
    if (paths.length === 0) return [];
    const more = paths.length > SHOWN ? ` and ${paths.length - SHOWN} more` : "";
    return [`${what}: ${paths.slice(0, SHOWN).join(", ")}${more}`];
  };
  const [old, current] = [Object.keys(before), Object.keys(now)];
  return [
    ...say(
      "changed",
      current.filter((path) => Object.hasOwn(before, path) && before[path] !== now[path]),
    ),
    ...say(
      "new",
      current.filter((path) => !Object.hasOwn(before, path)),
    ),
    ...say(
      "gone",
      old.filter((path) => !Object.hasOwn(now, path)),
    ),
  ];
}
