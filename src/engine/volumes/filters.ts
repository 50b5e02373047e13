import { invalidParameter } from "../../base/errors.ts";
import type { VolumeRecord } from "../../volume/index.ts";
import { matchesLabels } from "../containers/filters/labels.ts";
import type { Kit } from "../containers/kit.ts";
import { isTrue } from "../images/filters.ts";
import type { Filters } from "../views.ts";

export type Test = (volume: VolumeRecord) => boolean;

/** A name as it is, or a regular expression as Docker takes it; one that is none matches nothing else. */
function matchesName(name: string, wanted: string): boolean {
  if (name === wanted) return true;
  try {
    return new RegExp(wanted).test(name);
  } catch {
    return false;
  }
}

const hasLabels =
  (wanted: readonly string[]): Test =>
  ({ labels }) =>
    matchesLabels(labels, wanted);

const LIST: Readonly<Record<string, (wanted: readonly string[], kit: Kit) => Test>> = {
  name:
    (wanted) =>
    ({ name }) =>
      wanted.some((text) => matchesName(name, text)),
  driver:
    (wanted) =>
    ({ driver }) =>
      wanted.includes(driver),
  label: hasLabels,
  dangling: (wanted, kit) => {
    const dangling = isTrue("dangling", wanted);
    return ({ name }) => (kit.volumes.users(name).length === 0) === dangling;
  },
};

/** `volume ls --filter`. Throws invalidParameter. */
export function listFilter(kit: Kit, filters: Filters): Test {
  const tests = [...filters].map(([name, wanted]) => {
    const make = Object.hasOwn(LIST, name) ? LIST[name] : undefined;
    if (!make) throw invalidParameter(`invalid filter '${name}'`);
    return wanted.length === 0 ? () => true : make(wanted, kit);
  });
  return (volume) => tests.every((test) => test(volume));
}

/** What a prune takes: volumes of the local driver, without `all` only those without a name. Throws invalidParameter. */
export function pruneFilter(filters: Filters): Test {
  const unknown = [...filters.keys()].find((name) => !["label", "label!", "all"].includes(name));
  if (unknown !== undefined) throw invalidParameter(`invalid filter '${unknown}'`);
  const all = isTrue("all", filters.get("all") ?? ["false"]);
  const wanted = hasLabels(filters.get("label") ?? []);
  const unwanted = (filters.get("label!") ?? []).map((text) => hasLabels([text]));
  return (volume) =>
    volume.driver === "local" &&
    (all || volume.anonymous) &&
    wanted(volume) &&
    !unwanted.some((test) => test(volume));
}
