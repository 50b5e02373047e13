import { matchesGlob } from "node:path/posix";
import { invalidParameter } from "../../base/errors.ts";
import { matchesLabels } from "../containers/filters/labels.ts";
import type { Kit } from "../containers/kit.ts";
import { untilFilter } from "../prune/until.ts";
import type { Filters, ImageView } from "../views.ts";

type Test = (image: ImageView) => boolean;
type MakeTest = (wanted: readonly string[], kit: Kit) => Test;

const createdAt = (image: Pick<ImageView, "config">): number => Date.parse(image.config.created ?? "") || 0;

export function isTrue(filter: string, wanted: readonly string[]): boolean {
  const value = wanted[0]?.toLowerCase() ?? "";
  if (["true", "1", "t"].includes(value)) return true;
  if (["false", "0", "f"].includes(value)) return false;
  throw invalidParameter(`invalid filter '${filter}=${value}'`);
}

/** A pattern matches a name with its tag, or the name alone. */
function matchesReference(name: string, pattern: string): boolean {
  return matchesGlob(name, pattern) || matchesGlob(name.replace(/[:@][^/]*$/, ""), pattern);
}

/** The image with those of its names that a `reference` filter wants. */
export function onlyWanted(image: ImageView, patterns: readonly string[]): ImageView {
  if (patterns.length === 0) return image;
  const keep = (name: string) => patterns.some((pattern) => matchesReference(name, pattern));
  return {
    ...image,
    repoTags: image.repoTags.filter(keep),
    repoDigests: image.repoDigests.filter(keep),
  };
}

const compareCreated =
  (holds: (own: number, other: number) => boolean): MakeTest =>
  (wanted, kit) => {
    const moments = wanted.map((reference) => createdAt(kit.images.resolve(reference)));
    return (image) => moments.every((moment) => holds(createdAt(image), moment));
  };

const TESTS: Readonly<Record<string, MakeTest>> = {
  dangling: (wanted) => {
    const dangling = isTrue("dangling", wanted);
    return ({ repoTags }) => (repoTags.length === 0) === dangling;
  },
  label:
    (wanted) =>
    ({ config }) =>
      matchesLabels(config.config?.Labels ?? {}, wanted),
  "label!":
    (wanted) =>
    ({ config }) =>
      !wanted.some((text) => matchesLabels(config.config?.Labels ?? {}, [text])),
  reference:
    (wanted) =>
    ({ repoTags, repoDigests }) =>
      [...repoTags, ...repoDigests].some((name) => wanted.some((pattern) => matchesReference(name, pattern))),
  before: compareCreated((own, other) => own < other),
  since: compareCreated((own, other) => own > other),
  until: (wanted) => {
    const limit = untilFilter(wanted) ?? 0;
    return (image) => createdAt(image) < limit;
  },
};

/** Without `all`, images that only serve as another one's parent are left out. */
export function imageFilter(kit: Kit, filters: Filters, all: boolean): Test {
  const tests = [...filters].map(([name, wanted]) => {
    const make = Object.hasOwn(TESTS, name) ? TESTS[name] : undefined;
    if (!make) throw invalidParameter(`invalid filter '${name}'`);
    return wanted.length === 0 ? () => true : make(wanted, kit);
  });
  const parents = new Set(all ? [] : kit.images.list().map(({ parent }) => parent));
  return (image) =>
    (image.repoTags.length > 0 || !parents.has(image.id)) && tests.every((test) => test(image));
}
