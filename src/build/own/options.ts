import { invalidParameter, messageOf } from "../../base/errors.ts";
import type { RunLimits } from "../ports.ts";

/** The first line of an own request, as JSON. Everything may be left out. */
export interface OwnBuildOptions {
  /** Path in the context. */
  readonly dockerfile: string;
  readonly remote: string;
  readonly tags: readonly string[];
  readonly target: string;
  readonly buildArgs: Readonly<Record<string, string | null>>;
  readonly labels: Readonly<Record<string, string>>;
  /** Of the image's manifest. */
  readonly annotations: Readonly<Record<string, string>>;
  readonly noCache: boolean;
  readonly pull: boolean;
  readonly platform: string;
  readonly network: string;
  readonly extraHosts: readonly string[];
  readonly cacheFrom: readonly string[];
  /** What is granted: "security.insecure". */
  readonly allow: readonly string[];
  /** Base64 by id. */
  readonly secrets: Readonly<Record<string, string>>;
  /** Paths of agents' sockets on the engine's machine, by id. */
  readonly ssh: Readonly<Record<string, string>>;
  /** Seconds since the epoch. */
  readonly sourceDateEpoch?: number;
  /** Only look for mistakes. */
  readonly check: boolean;
  /** Say of each step that runs why it was not in the cache. */
  readonly explain: boolean;
  readonly limits: Partial<RunLimits>;
  /** See DescribedContext; without it the context follows as a tar. */
  readonly context?: object;
}

type Kind = "text" | "flag" | "texts" | "map" | "number" | "object";
const FIELDS: Readonly<Record<keyof OwnBuildOptions, Kind>> = {
  dockerfile: "text",
  remote: "text",
  tags: "texts",
  target: "text",
  buildArgs: "map",
  labels: "map",
  annotations: "map",
  noCache: "flag",
  pull: "flag",
  platform: "text",
  network: "text",
  extraHosts: "texts",
  cacheFrom: "texts",
  allow: "texts",
  secrets: "map",
  ssh: "map",
  sourceDateEpoch: "number",
  check: "flag",
  explain: "flag",
  limits: "object",
  context: "object",
};

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
const CHECKS: Readonly<Record<Kind, (value: unknown) => boolean>> = {
  text: (value) => typeof value === "string",
  flag: (value) => typeof value === "boolean",
  texts: (value) => Array.isArray(value) && value.every((item) => typeof item === "string"),
  map: (value) =>
    isObject(value) && Object.values(value).every((item) => typeof item === "string" || item === null),
  number: (value) => Number.isSafeInteger(value) && (value as number) >= 0,
  object: isObject,
};

const DEFAULTS: OwnBuildOptions = {
  dockerfile: "Dockerfile",
  remote: "",
  tags: [],
  target: "",
  buildArgs: {},
  labels: {},
  annotations: {},
  noCache: false,
  pull: false,
  platform: "",
  network: "default",
  extraHosts: [],
  cacheFrom: [],
  allow: [],
  secrets: {},
  ssh: {},
  check: false,
  explain: false,
  limits: {},
};

/** Reads the options. Throws invalidParameter for unknown fields and wrong types. */
export function parseOwnOptions(text: string): OwnBuildOptions {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw invalidParameter(`the options of the build are not JSON: ${messageOf(cause)}`, cause);
  }
  if (!isObject(value)) throw invalidParameter("the options of the build are not an object");
  for (const [name, field] of Object.entries(value)) {
    const kind = Object.hasOwn(FIELDS, name) ? FIELDS[name as keyof OwnBuildOptions] : undefined;
    if (!kind) throw invalidParameter(`the options of the build have an unknown field: ${name}`);
    if (!CHECKS[kind](field)) throw invalidParameter(`the options of the build: ${name} has the wrong type`);
  }
  return { ...DEFAULTS, ...value };
}

export const NO_LIMITS: RunLimits = {
  shmSize: 0,
  memory: 0,
  memorySwap: 0,
  cpuShares: 0,
  cpuPeriod: 0,
  cpuQuota: 0,
  cpusetCpus: "",
  cpusetMems: "",
  cgroupParent: "",
  ulimits: [],
};
