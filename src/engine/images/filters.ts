import { invalidParameter } from "../../base/errors.ts";
import { matchesLabels } from "../containers/filters/labels.ts";
import type { Kit } from "../containers/kit.ts";
import { parseMoment } from "../prune/until.ts";
import type { Filters, ImageView } from "../views.ts";
import { compileGlob } from "./glob.ts";

type Test = (image: ImageView) => boolean;

/** What the filters may look at besides the image itself. */
interface Surroundings {
  /** Ids that are another image's parent. */
  readonly parents: ReadonlySet<string>;
}
type MakeTest = (wanted: readonly string[], kit: Kit, surroundings: Surroundings) => Test;

export const createdAt = ({ config }: Pick<ImageView, "config">): number =>
  Date.parse(config.created ?? "") || 0;

export function isTrue(filter: string, wanted: readonly string[]): boolean {
  const says = (...words: readonly string[]) => wanted.some((value) => words.includes(value));
  const [yes, no] = [says("true", "1"), says("false", "0")];
  if (yes !== no) return yes;
  throw invalidParameter(`invalid filter '${filter}=[${wanted.join(" ")}]'`);
}

/** A pattern matches a name with its tag or digest, or the name alone. */
function referenceMatcher(patterns: readonly string[]): (name: string) => boolean {
  const matchers = patterns.map(compileGlob);
  return (name) => {
    const repository = name.replace(/@.*$/, "").replace(/:[^/]*$/, "");
    return matchers.some((matches) => matches(name) || matches(repository));
  };
}

/** The image with those of its names that a `reference` filter wants. */
export function onlyWanted(patterns: readonly string[]): (image: ImageView) => ImageView {
  if (patterns.length === 0) return (image) => image;
  const keep = referenceMatcher(patterns);
  return (image) => ({
    ...image,
    repoTags: image.repoTags.filter(keep),
    repoDigests: image.repoDigests.filter(keep),
  });
}

const compareCreated =
  (holds: (own: number, other: number) => boolean): MakeTest =>
  (wanted, kit) => {
    const moments = wanted.map((reference) => createdAt(kit.images.resolve(reference)));
    return (image) => moments.every((moment) => holds(createdAt(image), moment));
  };

const TESTS: Readonly<Record<string, MakeTest>> = {
  dangling: (wanted, _kit, { parents }) => {
    if (isTrue("dangling", wanted)) return ({ id, repoTags }) => repoTags.length === 0 && !parents.has(id);
    return ({ repoTags, repoDigests }) => repoTags.length + repoDigests.length > 0;
  },
  label:
    (wanted) =>
    ({ config }) =>
      matchesLabels(config.config?.Labels ?? {}, wanted),
  "label!":
    (wanted) =>
    ({ config }) =>
      !wanted.some((text) => matchesLabels(config.config?.Labels ?? {}, [text])),
  reference: (wanted) => {
    const matches = referenceMatcher(wanted);
    return ({ repoTags, repoDigests }) => [...repoTags, ...repoDigests].some(matches);
  },
  before: compareCreated((own, other) => own < other),
  since: compareCreated((own, other) => own > other),
  until: (wanted) => {
    const limit = Math.min(...wanted.map(parseMoment));
    return (image) => createdAt(image) < limit;
  },
};

export const LIST_FILTERS = ["dangling", "label", "before", "since", "reference", "until"] as const;
export const PRUNE_FILTERS = ["dangling", "label", "label!", "until"] as const;

/**
 * What a listing or a prune takes: names and times that the filters want. Without `all`, images that only serve as
 * another one's parent are left out. Throws invalidParameter for filters that are not `known`.
 */
export function imageFilter(
  kit: Kit,
  filters: Filters,
  {
    all,
    known,
    images,
  }: { readonly all: boolean; readonly known: readonly string[]; readonly images: readonly ImageView[] },
): Test {
  const unknown = [...filters.keys()].find((name) => !known.includes(name));
  if (unknown !== undefined) throw invalidParameter(`invalid filter '${unknown}'`);
  const parents = new Set(images.map(({ parent }) => parent));
  const tests = [...filters].flatMap(([name, wanted]) => {
    const make = TESTS[name];
    return make === undefined || wanted.length === 0 ? [] : [make(wanted, kit, { parents })];
  });
  return (image) => {
    const isNamed = image.repoTags.length + image.repoDigests.length > 0;
    return (all || isNamed || !parents.has(image.id)) && tests.every((test) => test(image));
  };
}
