import { invalidParameter } from "../../../base/errors.ts";
import type { ContainerView, Filters } from "../../views.ts";
import { matchesLabels } from "./labels.ts";
import { pattern } from "./pattern.ts";

/** What filters need beside the container itself. */
export interface FilterContext {
  /** Creation time in milliseconds of the container a reference names. Throws notFound. */
  readonly createdAt: (reference: string) => number;
  /** Ids of the images a reference names, with their ancestors; for `ancestor`. */
  readonly imageIds: (reference: string) => ReadonlySet<string>;
  /** True when the image is one of `wanted` or built on one. */
  readonly descendsFrom: (image: string, wanted: ReadonlySet<string>) => boolean;
}

type Test = (view: ContainerView) => boolean;
type MakeTest = (wanted: readonly string[], context: FilterContext) => Test;

const STATES = ["created", "running", "paused", "restarting", "removing", "exited", "dead"];
const HEALTH = ["starting", "healthy", "unhealthy", "none"];

function oneOf(filter: string, wanted: readonly string[], known: readonly string[]): void {
  const bad = wanted.find((value) => !known.includes(value));
  if (bad !== undefined) throw invalidParameter(`invalid filter '${filter}=${bad}'`);
}

function port(text: string): (containerPort: number, protocol: string) => boolean {
  const match = /^(\d+)(?:-(\d+))?(?:\/(\w+))?$/.exec(text);
  if (!match) throw invalidParameter(`invalid filter: invalid port: ${text}`);
  const [first, last, wanted] = [Number(match[1]), Number(match[2] ?? match[1]), match[3] ?? "tcp"];
  return (containerPort, protocol) => containerPort >= first && containerPort <= last && protocol === wanted;
}

const exposedPorts = ({
  config,
}: ContainerView): readonly { readonly containerPort: number; readonly protocol: string }[] =>
  Object.keys(config.ExposedPorts ?? {}).map((text) => {
    const [number = "", protocol = "tcp"] = text.split("/");
    return { containerPort: Number(number), protocol };
  });

const TESTS: Readonly<Record<string, MakeTest>> = {
  id: (wanted) => {
    const tests = wanted.map(pattern);
    return ({ id }) => wanted.some((text) => id.startsWith(text)) || tests.some((test) => test(id));
  },
  name: (wanted) => {
    const tests = wanted.map(pattern);
    return ({ name, linkNames }) =>
      [name, ...linkNames].some((its) => tests.some((test) => test(its) || test(`/${its}`)));
  },
  label:
    (wanted) =>
    ({ config }) =>
      matchesLabels(config.Labels ?? {}, wanted),
  status: (wanted) => {
    oneOf("status", wanted, STATES);
    return ({ state }) => wanted.includes(state.status);
  },
  health: (wanted) => {
    oneOf("health", wanted, HEALTH);
    return ({ health }) => wanted.includes(health?.status ?? "none");
  },
  exited: (wanted) => {
    const codes = wanted.map(Number);
    if (codes.some((code) => !Number.isInteger(code)))
      throw invalidParameter(`invalid filter 'exited=${wanted.join(",")}'`);
    return ({ state }) => state.status === "exited" && codes.includes(state.exitCode);
  },
  ancestor: (wanted, context) => {
    const ids = new Set(wanted.flatMap((text) => [...context.imageIds(text)]));
    return ({ image, imageName }) => wanted.includes(imageName) || context.descendsFrom(image, ids);
  },
  before: (wanted, context) => {
    const limit = Math.min(...wanted.map(context.createdAt));
    return ({ created }) => Date.parse(created) < limit;
  },
  since: (wanted, context) => {
    const limit = Math.max(...wanted.map(context.createdAt));
    return ({ created }) => Date.parse(created) > limit;
  },
  volume:
    (wanted) =>
    ({ mounts }) =>
      mounts.some(({ name, source, destination }) =>
        wanted.some((text) => [name, source, destination].includes(text)),
      ),
  network:
    (wanted) =>
    ({ network }) =>
      Object.entries(network.endpoints).some(([name, { networkId }]) =>
        wanted.some((text) => name === text || (networkId !== "" && networkId.startsWith(text))),
      ),
  publish: (wanted) => {
    const tests = wanted.map(port);
    return ({ network }) =>
      network.ports.some(
        ({ hostPort, protocol }) => hostPort > 0 && tests.some((test) => test(hostPort, protocol)),
      );
  },
  expose: (wanted) => {
    const tests = wanted.map(port);
    return (view) =>
      exposedPorts(view).some((exposed) =>
        tests.some((test) => test(exposed.containerPort, exposed.protocol)),
      );
  },
  isolation: () => () => true,
  "is-task": (wanted) => {
    if (!wanted.every((text) => /^(1|t|true|0|f|false)$/i.test(text)))
      throw invalidParameter(`invalid filter 'is-task=[${wanted.join(" ")}]'`);
    return () => wanted.every((text) => /^[0f]/i.test(text));
  },
};

/** Values of one filter are alternatives (labels: all must hold), different filters must all hold. */
export function containerFilter(filters: Filters, context: FilterContext): Test {
  const tests = [...filters].map(([name, wanted]) => {
    const make = Object.hasOwn(TESTS, name) ? TESTS[name] : undefined;
    if (!make) throw invalidParameter(`invalid filter '${name}'`);
    return wanted.length === 0 ? () => true : make(wanted, context);
  });
  return (view) => tests.every((test) => test(view));
}
