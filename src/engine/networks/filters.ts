import { invalidParameter } from "../../base/errors.ts";
import type { NetworkRecord } from "../../network/index.ts";
import { matchesLabels } from "../containers/filters/labels.ts";
import { pattern } from "../containers/filters/pattern.ts";
import { isTrue } from "../images/filters.ts";
import type { Filters } from "../views.ts";
import type { NetworkView } from "./networks.ts";

type Test = (network: NetworkView) => boolean;

/** The networks every engine has. */
export const isPredefined = ({ name }: Pick<NetworkRecord, "name">): boolean =>
  ["bridge", "host", "none"].includes(name);

const TESTS: Readonly<Record<string, (wanted: readonly string[]) => Test>> = {
  id: (wanted) => {
    const tests = wanted.map(pattern);
    return ({ id }) => tests.some((test) => test(id));
  },
  name: (wanted) => {
    const tests = wanted.map(pattern);
    return ({ name }) => tests.some((test) => test(name));
  },
  driver:
    (wanted) =>
    ({ driver }) =>
      wanted.includes(driver),
  scope:
    (wanted) =>
    ({ scope }) =>
      wanted.includes(scope),
  type: (wanted) => {
    const bad = wanted.find((value) => value !== "custom" && value !== "builtin");
    if (bad !== undefined) throw invalidParameter(`invalid filter: 'type'='${bad}'`);
    return (network) => wanted.includes(isPredefined(network) ? "builtin" : "custom");
  },
  label:
    (wanted) =>
    ({ labels }) =>
      matchesLabels(labels, wanted),
  dangling: (wanted) => {
    const dangling = isTrue("dangling", wanted);
    return (network) => (!isPredefined(network) && network.containers.length === 0) === dangling;
  },
};

export function networkFilter(filters: Filters): Test {
  const tests = [...filters].map(([name, wanted]) => {
    const make = Object.hasOwn(TESTS, name) ? TESTS[name] : undefined;
    if (!make) throw invalidParameter(`invalid filter '${name}'`);
    return wanted.length === 0 ? () => true : make(wanted);
  });
  return (network) => tests.every((test) => test(network));
}
