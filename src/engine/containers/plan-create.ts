import { invalidParameter } from "../../base/errors.ts";
import type { ImageProcessConfig } from "../../oci/index.ts";
import { capabilities, protectedPaths, requestedDevices, securityOptions } from "../../runtime/index.ts";
import { type MountWish, parseMounts } from "../../volume/index.ts";
import { checkHealth } from "../health/plan.ts";
import { checkLogConfig, completeLogConfig } from "../logs/drivers.ts";
import type { HostLimits } from "../ports.ts";
import { checkRestartPolicy } from "../restart/policy.ts";
import { checkNetworkOptions } from "./check-network.ts";
import { checkResources, refuseFirst } from "./check-resources.ts";
import { discardLimits } from "./discard-limits.ts";
import type { ContainerConfig, CreateContainer, EndpointSettings, HostConfig } from "./documents.ts";
import { argumentsOf, mergeConfig } from "./merge-config.ts";
import { checkMode, networkMode } from "./modes.ts";
import { checkName } from "./names.ts";
import { portRequests } from "./port-spec.ts";
import { parseSignal } from "./signals.ts";
import { refuseUnsupported } from "./unsupported.ts";

/** What the plan must know beside the request. */
export interface CreateFacts {
  readonly image: ImageProcessConfig;
  /** Mounts of the containers in VolumesFrom, resolved. */
  readonly volumesFrom: readonly MountWish[];
  /** The engine's own data folder. */
  readonly dataRoot: string;
  /** How many processors there are. */
  readonly cpus: number;
  readonly limits: HostLimits;
  /** Full names of the devices that vendors describe; looked up for requests that name some. */
  readonly devices: readonly string[];
  readonly cgroupMode: "v1" | "hybrid" | "v2";
  /** The runtime's name, settled. */
  readonly runtime: string;
  readonly logDriver: string;
  readonly logOptions: Readonly<Record<string, string>>;
  readonly shmSize: number;
  readonly hasInit: boolean;
  readonly defaultInit: boolean;
  readonly ipcMode?: string;
  readonly cgroupnsMode?: string;
}

/** A creation that nothing speaks against. */
export interface CreatePlan {
  /** Undefined: one of our own. */
  readonly name: string | undefined;
  readonly config: ContainerConfig;
  readonly hostConfig: HostConfig;
  readonly networks: Readonly<Record<string, EndpointSettings>>;
  readonly mounts: readonly MountWish[];
  readonly warnings: readonly string[];
}

function checkAnnotations({ Annotations }: HostConfig): void {
  if (Object.hasOwn(Annotations ?? {}, ""))
    throw invalidParameter("invalid Annotations: the empty string is not permitted as an annotation key");
}

function checkConfig(config: ContainerConfig): void {
  const folder = config.WorkingDir ?? "";
  if (folder !== "" && !folder.startsWith("/")) {
    throw invalidParameter(`the working directory '${folder}' is invalid, it needs to be an absolute path`);
  }
  for (const variable of config.Env ?? []) {
    if (variable === "" || variable.startsWith("="))
      throw invalidParameter(`invalid environment variable: ${variable}`);
  }
  if (config.StopSignal) parseSignal(config.StopSignal);
  if ((config.StopTimeout ?? 0) < -1) throw invalidParameter(`invalid StopTimeout: ${config.StopTimeout}`);
  checkHealth(config.Healthcheck);
  if (argumentsOf(config).length === 0) throw invalidParameter("no command specified");
}

function checkModes(host: HostConfig): void {
  checkMode("PID", host.PidMode ?? "", ["", "host"], true);
  checkMode("IPC", host.IpcMode ?? "", ["", "none", "private", "shareable", "host"], true);
  checkMode("UTS", host.UTSMode ?? "", ["", "host"], false);
  checkMode("cgroup namespace", host.CgroupnsMode ?? "", ["", "private", "host"], false);
}

function checkHost(host: HostConfig, facts: CreateFacts): void {
  refuseUnsupported(host);
  checkModes(host);
  checkResources(host, { ...facts.limits, count: facts.cpus });
  checkLogConfig(logConfig(host, facts));
  checkRestartPolicy(host.RestartPolicy);
  // Only for their refusals: what is granted is settled at the start.
  securityOptions(host.SecurityOpt);
  capabilities(host, new Set());
  // ... and what a device needs: vendors may describe it anew until then.
  requestedDevices(host.DeviceRequests ?? [], facts.devices);
  const restarts = !["", "no"].includes(host.RestartPolicy?.Name ?? "");
  refuseFirst([
    [host.AutoRemove === true && restarts, "can't create 'AutoRemove' container with restart policy"],
    [
      (host.Init ?? facts.defaultInit) && !facts.hasInit,
      "no init binary found on this host: install tini or catatonit, or leave out --init",
    ],
  ]);
}

const logConfig = ({ LogConfig }: HostConfig, { logDriver, logOptions }: CreateFacts) =>
  completeLogConfig(LogConfig, { driver: logDriver, options: logOptions });

/** With v1 a privileged container, or an old client's, is in the host's, whatever the engine was told, as with Docker. */
function defaultCgroupNamespace(
  { hostConfig, hostCgroupns }: CreateContainer,
  { cgroupMode, cgroupnsMode }: CreateFacts,
): string {
  if ((hostConfig.Privileged || hostCgroupns) && cgroupMode !== "v2") return "host";
  return cgroupnsMode ?? (cgroupMode === "v2" ? "private" : "host");
}

/** The client's document with everything it left open filled in, as clients see it in inspect. */
function completeHost(host: HostConfig, cgroupns: string, facts: CreateFacts): HostConfig {
  const memory = host.Memory ?? 0;
  return {
    ...host,
    NetworkMode: networkMode(host.NetworkMode),
    LogConfig: logConfig(host, facts),
    RestartPolicy: {
      Name: host.RestartPolicy?.Name || "no",
      MaximumRetryCount: host.RestartPolicy?.MaximumRetryCount ?? 0,
    },
    IpcMode: host.IpcMode || facts.ipcMode || "private",
    CgroupnsMode: host.CgroupnsMode || cgroupns,
    ShmSize: host.ShmSize || facts.shmSize,
    MemorySwap: memory > 0 && !host.MemorySwap ? memory * 2 : host.MemorySwap,
    MemorySwappiness: host.MemorySwappiness === -1 ? null : host.MemorySwappiness,
    ...protection(host),
    OomKillDisable: facts.limits.oomKillDisable ? (host.OomKillDisable ?? false) : null,
    PidsLimit: (host.PidsLimit ?? 0) > 0 ? host.PidsLimit : null,
    Runtime: facts.runtime,
    ConsoleSize: host.ConsoleSize ?? [0, 0],
    ...(facts.defaultInit && host.Init == null ? { Init: true } : {}),
  };
}

/** What keeps it away from the host's kernel files, or does not, as the client sees it. */
function protection(host: HostConfig): HostConfig {
  const { maskedPaths, readonlyPaths } = protectedPaths(host);
  const opens = host.Privileged || host.PidMode === "host" || host.IpcMode === "host";
  return {
    MaskedPaths: host.Privileged ? null : maskedPaths,
    ReadonlyPaths: host.Privileged ? null : readonlyPaths,
    ...(opens && !host.SecurityOpt ? { SecurityOpt: ["label=disable"] } : {}),
  };
}

/**
 * Networks by name or id with what is asked of each; the mode's own network comes first. Whoever names networks and no mode
 * wants them alone, not the default one as well.
 */
function planNetworks(
  request: CreateContainer,
  config: ContainerConfig,
): Readonly<Record<string, EndpointSettings>> {
  const mode = config.NetworkDisabled ? "none" : networkMode(request.hostConfig.NetworkMode);
  const asked = request.networking.EndpointsConfig ?? {};
  if (mode.startsWith("container:")) {
    refuseEndpointOptions(mode, asked[mode]);
    return {};
  }
  const { [mode]: own, default: ownDefault, ...others } = asked;
  const main = own ?? (mode === "bridge" ? ownDefault : undefined) ?? {};
  // Links on the default bridge are between containers; elsewhere they are names on the network.
  const linked =
    main.Links || mode === "bridge"
      ? main
      : { ...main, ...(request.hostConfig.Links ? { Links: request.hostConfig.Links } : {}) };
  const isWanted = mode !== "bridge" || own || ownDefault || config.MacAddress || !Object.keys(others).length;
  const networks: Record<string, EndpointSettings> = isWanted
    ? { [mode]: withMac(linked, config.MacAddress) }
    : {};
  for (const [name, settings] of Object.entries(others)) networks[name] = settings ?? {};
  if (ownDefault && mode !== "bridge") networks["bridge"] = ownDefault;
  const names = Object.keys(networks);
  const exclusive = names.find((name) => name === "host" || name === "none");
  if (names.length > 1 && exclusive !== undefined) {
    throw invalidParameter(`container cannot be connected to network ${exclusive} and to other networks`);
  }
  return networks;
}

/** Of another container's network nothing can be asked. */
function refuseEndpointOptions(mode: string, settings: EndpointSettings | null | undefined): void {
  const { IPv4Address, IPv6Address } = settings?.IPAMConfig ?? {};
  const wrong = [
    ...(IPv4Address || IPv6Address
      ? ["user specified IP address is supported on user defined networks only"]
      : []),
    ...(settings?.Aliases?.length
      ? ["network-scoped alias is supported only for containers in user defined networks"]
      : []),
  ];
  if (wrong.length === 0) return;
  const list = wrong.length === 1 ? wrong[0] : `* ${wrong.join("\n* ")}`;
  throw invalidParameter(`invalid config for network ${mode}: invalid endpoint settings:\n${list}`);
}

function withMac(settings: EndpointSettings, address: string | undefined): EndpointSettings {
  if (!address) return settings;
  if (settings.MacAddress && settings.MacAddress.toLowerCase() !== address.toLowerCase()) {
    throw invalidParameter(
      "the container-wide MAC address must match the endpoint-specific MAC address for the main network, or be left empty",
    );
  }
  return { ...settings, MacAddress: address };
}

function planMounts(config: ContainerConfig, host: HostConfig, { volumesFrom, dataRoot }: CreateFacts) {
  return parseMounts({
    binds: host.Binds ?? [],
    mounts: host.Mounts ?? [],
    volumes: Object.keys(config.Volumes ?? {}),
    volumesFrom,
    tmpfs: Object.keys(host.Tmpfs ?? {}),
    volumeDriver: host.VolumeDriver ?? "",
    dataRoot,
  });
}

const flatReadonly = (wish: MountWish): MountWish =>
  wish.type === "bind" && wish.readonly && wish.readonlyReach !== "required"
    ? { ...wish, readonlyReach: "top" }
    : wish;

function warningsOf(host: HostConfig): readonly string[] {
  const publishes = Object.keys(host.PortBindings ?? {}).length > 0;
  return host.NetworkMode === "host" && publishes
    ? ["Published ports are discarded when using host network mode"]
    : [];
}

/** Checks a request to create a container and completes it. Pure: refuses bad input and touches nothing. */
export function planCreate(request: CreateContainer, facts: CreateFacts): CreatePlan {
  const { host: hostConfig, warnings } = discardLimits(request.hostConfig, facts.limits);
  const name = request.name ? checkName(request.name) : undefined;
  checkNetworkOptions(request.config, hostConfig);
  const config = mergeConfig(request.config, facts.image);
  checkConfig(config);
  checkAnnotations(hostConfig);
  checkHost(hostConfig, facts);
  portRequests(config, hostConfig);
  return {
    name,
    config,
    hostConfig: completeHost(hostConfig, defaultCgroupNamespace(request, facts), facts),
    networks: planNetworks(request, config),
    mounts: planMounts(config, hostConfig, facts).map(request.flatReadonly ? flatReadonly : (wish) => wish),
    warnings: [...warnings, ...warningsOf(hostConfig)],
  };
}
