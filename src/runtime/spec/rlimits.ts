import { invalidParameter } from "../../base/errors.ts";
import type { HostInfo, Ulimit } from "./input.ts";
import type { OciRlimit } from "./oci-spec.ts";

const INFINITY = 2n ** 64n - 1n;
/** Docker's names of resource limits (go-units), those of setrlimit(2) in lower case. */
export const ULIMIT_NAMES: ReadonlySet<string> = new Set([
  "as",
  "core",
  "cpu",
  "data",
  "fsize",
  "locks",
  "memlock",
  "msgqueue",
  "nice",
  "nofile",
  "nproc",
  "rss",
  "rtprio",
  "rttime",
  "sigpending",
  "stack",
]);

const limitOf = (limit: number): bigint => (limit < 0 ? INFINITY : BigInt(Math.trunc(limit)));
const shown = (limit: bigint): string => (limit === INFINITY ? "unlimited" : String(limit));

function rlimit({ Name, Soft, Hard }: Ulimit, host: HostInfo): OciRlimit {
  const name = Name.toLowerCase();
  if (!ULIMIT_NAMES.has(name)) throw invalidParameter(`invalid ulimit type: ${Name}`);
  const [soft, hard] = [limitOf(Soft), limitOf(Hard)];
  if (soft > hard) {
    throw invalidParameter(
      `ulimit soft limit must be less than or equal to hard limit: ${shown(soft)} > ${shown(hard)}`,
    );
  }
  const own = host.hardLimits[name];
  if (own !== undefined && hard > own && !host.capabilities.has("SYS_RESOURCE")) {
    throw invalidParameter(
      `ulimit ${name}: hard limit ${shown(hard)} is above the engine's own of ${shown(own)}, which it cannot raise without CAP_SYS_RESOURCE: ask for at most ${shown(own)}, or start the engine with a higher limit`,
    );
  }
  return { type: `RLIMIT_${name.toUpperCase()}`, soft, hard };
}

/** The last of several entries of a name counts. */
export function rlimits(list: readonly Ulimit[] | null | undefined, host: HostInfo): readonly OciRlimit[] {
  const byName = new Map((list ?? []).map((ulimit) => [ulimit.Name.toLowerCase(), ulimit]));
  return [...byName.values()].map((ulimit) => rlimit(ulimit, host));
}
