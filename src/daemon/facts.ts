import { randomUUID } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { errnoOf } from "../base/errors.ts";
import { VERSION } from "../base/version.ts";
import type { HostFacts as EngineHostFacts } from "../engine/index.ts";
import type { Cgroups } from "../kernel/index.ts";
import type { RuntimeChoice } from "../runtime/index.ts";
import type { Config } from "./config/config.ts";
import { withoutPassword } from "./config/without-password.ts";
import { type HostFacts, readSwitches } from "./host.ts";
import { parseHost } from "./listeners.ts";
import { registrySettings } from "./registries.ts";

/** The engine's own id: made at the first start, kept in the data root. */
export function engineId(dataRoot: string): string {
  const path = join(dataRoot, "engine-id");
  try {
    return readFileSync(path, "utf8").trim();
  } catch (error) {
    if (errnoOf(error) !== "ENOENT") throw error;
  }
  const id = randomUUID();
  writeFileSync(path, id);
  return id;
}

type SecurityDefaults = Pick<Config["containers"], "seccompProfile" | "cgroupnsMode" | "noNewPrivileges">;

/** Docker's names of what `info` lists under Security Options. Pure. */
export function securityOptions(
  host: Pick<HostFacts, "apparmor" | "seccomp">,
  { seccompProfile: profile, cgroupnsMode, noNewPrivileges }: SecurityDefaults,
  cgroupVersion: "1" | "2",
): readonly string[] {
  const cgroupns = cgroupnsMode ?? (cgroupVersion === "2" ? "private" : "host");
  return [
    ...(host.apparmor ? ["name=apparmor"] : []),
    ...(host.seccomp ? [`name=seccomp,profile=${profile}`] : []),
    ...(cgroupns === "private" ? ["name=cgroupns"] : []),
    ...(noNewPrivileges ? ["name=no-new-privileges"] : []),
  ];
}

const WARNINGS: readonly (readonly [string, string])[] = [
  ["memory", "WARNING: No memory limit support"],
  ["cpu", "WARNING: No cpu cfs quota support"],
  ["cpuset", "WARNING: No cpuset support"],
  ["pids", "WARNING: No pids limit support"],
];

const ATTACK_SURFACE = [
  "Access to the remote API is equivalent to root access on the host. Refer",
  "to the 'Docker daemon attack surface' section in the documentation for",
  "more information: https://docs.docker.com/go/attack-surface/",
];

/** Sockets that anybody may use who can reach them, in Docker's words. Sockets that were passed in are their maker's. */
export function openDoors({ hosts, tls }: Pick<Config, "hosts" | "tls">): readonly string[] {
  if (tls?.verify) return [];
  const [scheme, lack] = tls ? ["https", "TLS client verification"] : ["http", "encryption"];
  return (hosts ?? [])
    .filter((host) => !host.startsWith("fd://"))
    .flatMap((host) => parseHost(host, tls !== undefined))
    .filter((address) => address.kind === "tcp")
    .map(({ host, port }) => `${host.includes(":") ? `[${host}]` : host}:${port}`)
    .map((where) => `WARNING: API is accessible on ${scheme}://${where} without ${lack}.`)
    .map((warning) => [warning, ...ATTACK_SURFACE].join("\n         "));
}

export interface FactSources {
  readonly config: () => Config;
  readonly host: HostFacts;
  readonly cgroups: Cgroups;
  readonly runtimes: readonly RuntimeChoice[];
  readonly id: string;
  readonly initBinary: string;
}

/** Everything of `info` that the engine room does not know by itself. */
export function gatherFacts({
  config,
  host,
  cgroups,
  runtimes,
  id,
  initBinary,
}: FactSources): EngineHostFacts {
  const now = config();
  const { proxy } = registrySettings(now, process.env);
  const cgroupVersion = cgroups.mode === "v2" ? "2" : "1";
  const missing = WARNINGS.filter(([controller]) => !cgroups.controllers.has(controller)).map(
    ([, text]) => text,
  );
  return {
    id,
    version: VERSION,
    gitCommit: "",
    nodeVersion: process.versions.node,
    name: host.name,
    kernelVersion: host.kernelVersion,
    operatingSystem: host.operatingSystem,
    osVersion: host.osVersion,
    architecture: host.architecture,
    cpus: host.cpus,
    memory: host.memory,
    driverStatus: [
      ["Supports d_type", "true"],
      ["Native Overlay Diff", "true"],
    ],
    cgroupDriver: "cgroupfs",
    cgroupVersion,
    controllers: cgroups.controllers,
    dataRoot: now.dataRoot,
    runtimes: Object.fromEntries(
      runtimes.map(({ name, command: [path = "", ...runtimeArgs] }) => [
        name,
        { path, ...(runtimeArgs.length > 0 && { runtimeArgs }) },
      ]),
    ),
    initBinary,
    securityOptions: securityOptions(host, now.containers, cgroupVersion),
    liveRestore: now.liveRestore,
    debug: now.debug,
    labels: now.labels,
    insecureRegistries: now.insecureRegistries,
    registryMirrors: now.registryMirrors,
    httpProxy: withoutPassword(proxy?.http ?? ""),
    httpsProxy: withoutPassword(proxy?.https ?? ""),
    noProxy: proxy?.none ?? "",
    ...readSwitches(),
    firewall: now.network.iptables ? now.network.firewallBackend : "none",
    addressPools: now.network.addressPools ?? [],
    warnings: [...openDoors(now), ...missing],
    cdiFolders: now.cdiFolders,
    components: [],
    goroutines: process.getActiveResourcesInfo().length,
  };
}
