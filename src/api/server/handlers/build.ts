import { invalidParameter, notImplemented } from "../../../base/errors.ts";
import type { buildRoutes } from "../../routes/build.ts";
import type { Args } from "../../routes/route.ts";
import { parseInstant } from "../../routes/timestamp.ts";
import { headerText } from "../body.ts";
import type { Handlers } from "../call.ts";
import type { BuildRequest } from "../ports.ts";

type BuildArgs = Args<(typeof buildRoutes)["ImageBuild"]>;

/** What the classic builder has no effect for is refused, not dropped. */
function refuseUnknown(args: BuildArgs): void {
  if (args.version === "2" || args.session !== undefined || args.outputs !== undefined) {
    throw notImplemented(
      "BuildKit builds are not available: set DOCKER_BUILDKIT=0 to use the classic builder",
    );
  }
  if (args.squash) throw invalidParameter("squash is only supported with experimental mode");
  if (args.securityopt.length > 0)
    throw invalidParameter("The daemon on this platform does not support setting security options on build");
  if (args.isolation !== undefined && args.isolation !== "default") {
    throw invalidParameter(`unsupported isolation: ${JSON.stringify(args.isolation)}`);
  }
}

function texts(values: readonly unknown[], name: string): readonly string[] {
  if (values.every((value) => typeof value === "string")) return values as readonly string[];
  throw invalidParameter(`invalid value for query parameter ${name}: expected a list of strings`);
}

function labels(values: Readonly<Record<string, string | null>>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(values).map(([key, value]) => [key, value ?? ""]));
}

const isWhole = (value: unknown): value is number => Number.isInteger(value);

function ulimits(values: readonly unknown[]): BuildRequest["ulimits"] {
  return values.map((value) => {
    const { Name, Soft, Hard } = (value ?? {}) as {
      readonly Name?: unknown;
      readonly Soft?: unknown;
      readonly Hard?: unknown;
    };
    if (typeof Name === "string" && isWhole(Soft) && isWhole(Hard)) return { Name, Soft, Hard };
    throw invalidParameter(
      "invalid value for query parameter ulimits: expected objects of Name, Soft and Hard",
    );
  });
}

function limits(args: BuildArgs) {
  return {
    shmSize: args.shmsize ?? 0,
    memory: args.memory ?? 0,
    memorySwap: args.memswap ?? 0,
    cpuShares: args.cpushares ?? 0,
    cpuPeriod: args.cpuperiod ?? 0,
    cpuQuota: args.cpuquota ?? 0,
    cpusetCpus: args.cpusetcpus ?? "",
    cpusetMems: args.cpusetmems ?? "",
    cgroupParent: args.cgroupparent ?? "",
    ulimits: ulimits(args.ulimits),
  };
}

function buildRequest(
  args: BuildArgs,
  context: BuildRequest["context"],
  auth: string | undefined,
): BuildRequest {
  return {
    context,
    dockerfile: args.dockerfile ?? "Dockerfile",
    tags: args.t.filter((tag) => tag !== ""),
    remote: args.remote ?? "",
    target: args.target ?? "",
    buildArgs: args.buildargs,
    labels: labels(args.labels),
    noCache: args.nocache,
    pull: args.pull,
    quiet: args.q,
    removeIntermediate: args.rm || args.forcerm,
    platform: args.platform ?? "",
    networkMode: args.networkmode ?? "",
    extraHosts: args.extrahosts,
    cacheFrom: texts(args.cachefrom, "cachefrom"),
    auth,
    ...limits(args),
  };
}

type PruneArgs = Args<(typeof buildRoutes)["BuildPrune"]>;

/** Times of `until` and of its older name: one of them, before which nothing was used. */
function unusedSince(filters: PruneArgs["filters"]): number | undefined {
  const values = [...(filters.get("until") ?? []), ...(filters.get("unused-for") ?? [])];
  const [only] = values;
  if (only === undefined) return undefined;
  if (values.length > 1) throw invalidParameter("filters expect only one value for until");
  const instant = parseInstant(only, Date.now());
  if (instant === undefined) throw invalidParameter(`invalid until filter ${JSON.stringify(only)}`);
  return Number(instant / 1_000_000n);
}

export const buildHandlers: Handlers<typeof buildRoutes> = {
  ImageBuild({ args, body, headers, engine, signal }) {
    refuseUnknown(args);
    const auth = headerText(headers, "x-registry-config");
    return engine.builder.build(buildRequest(args, body, auth), signal);
  },
  async BuildPrune({ args, engine }) {
    const { deleted, reclaimed } = await engine.builder.prune({
      all: args.all,
      keep: args["reserved-space"] ?? args["keep-storage"] ?? args["max-used-space"] ?? 0,
      before: unusedSince(args.filters),
      filters: args.filters,
    });
    return { CachesDeleted: deleted.length > 0 ? deleted : null, SpaceReclaimed: reclaimed };
  },
};
