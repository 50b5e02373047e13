import type { InfoAnswer } from "../../api/schema/system.ts";
import { formatMemory } from "./units.ts";

export interface ClientInfo {
  readonly Debug: boolean;
  readonly Version: string;
  readonly Context: string;
}

export const clientInfoText = ({ Version, Context, Debug }: ClientInfo): string => `Client:
 Version:    ${Version}
 Context:    ${Context}
 Debug Mode: ${Debug}

`;

type Lines = readonly (string | undefined)[];
const list = (names: readonly string[] | null | undefined): string => (names ?? []).join(" ");
const given = (title: string, value: string | undefined): string | undefined =>
  value ? ` ${title}: ${value}` : undefined;

/** What `info` says of the engine, line by line as docker does; lines about what is not there are left out. */
export function serverInfoText(info: InfoAnswer): string {
  const lines: Lines = [
    "Server:",
    ` Containers: ${info.Containers}`,
    `  Running: ${info.ContainersRunning}`,
    `  Paused: ${info.ContainersPaused}`,
    `  Stopped: ${info.ContainersStopped}`,
    ` Images: ${info.Images}`,
    given("Server Version", info.ServerVersion),
    given("Storage Driver", info.Driver),
    ...(info.DriverStatus ?? []).map(([name, value]) => `  ${name}: ${value}`),
    given("Logging Driver", info.LoggingDriver),
    given("Cgroup Driver", info.CgroupDriver),
    given("Cgroup Version", info.CgroupVersion),
    ...pluginLines(info),
    given("Swarm", info.Swarm.LocalNodeState),
    ...runtimeLines(info),
    ...securityLines(info),
    ...machineLines(info),
    ...debugLines(info),
    ...proxyLines(info),
    ...labelLines(info),
    ` Experimental: ${info.ExperimentalBuild}`,
    ...registryLines(info),
    ` Live Restore Enabled: ${info.LiveRestoreEnabled}`,
    ...poolLines(info),
    "",
  ];
  return `${lines.filter((line) => line !== undefined).join("\n")}\n`;
}

const pluginLines = ({ Plugins }: InfoAnswer): Lines => [
  " Plugins:",
  `  Volume: ${list(Plugins.Volume)}`,
  `  Network: ${list(Plugins.Network)}`,
  Plugins.Authorization?.length ? `  Authorization: ${list(Plugins.Authorization)}` : undefined,
  `  Log: ${list(Plugins.Log)}`,
];

const runtimeLines = (info: InfoAnswer): Lines => [
  Object.keys(info.Runtimes ?? {}).length > 0
    ? ` Runtimes: ${Object.keys(info.Runtimes).sort().join(" ")}`
    : undefined,
  ` Default Runtime: ${info.DefaultRuntime}`,
  ` Init Binary: ${info.InitBinary}`,
  ` containerd version: ${info.ContainerdCommit.ID}`,
  ` runc version: ${info.RuncCommit.ID}`,
  ` init version: ${info.InitCommit.ID}`,
];

function securityLines({ SecurityOptions }: InfoAnswer): Lines {
  if (!SecurityOptions?.length) return [];
  const options = SecurityOptions.flatMap((option) => {
    const pairs = option.split(",").map((pair) => pair.split("="));
    const name = pairs.find(([key]) => key === "name")?.[1] ?? option;
    const rest = pairs.filter(([key]) => key !== "name");
    return [
      `  ${name}`,
      ...rest.map(([key = "", value]) => `   ${key[0]?.toUpperCase()}${key.slice(1)}: ${value}`),
    ];
  });
  return [" Security Options:", ...options];
}

const machineLines = (info: InfoAnswer): Lines => [
  given("Kernel Version", info.KernelVersion),
  given("Operating System", info.OperatingSystem),
  given("OSType", info.OSType),
  given("Architecture", info.Architecture),
  ` CPUs: ${info.NCPU}`,
  ` Total Memory: ${formatMemory(info.MemTotal)}`,
  given("Name", info.Name),
  given("ID", info.ID),
  ` Docker Root Dir: ${info.DockerRootDir}`,
];

const debugLines = (info: InfoAnswer): Lines =>
  info.Debug
    ? [
        " Debug Mode: true",
        `  File Descriptors: ${info.NFd}`,
        `  Goroutines: ${info.NGoroutines}`,
        `  System Time: ${info.SystemTime}`,
        `  EventsListeners: ${info.NEventsListener}`,
      ]
    : [" Debug Mode: false"];

const proxyLines = (info: InfoAnswer): Lines => [
  given("HTTP Proxy", info.HttpProxy),
  given("HTTPS Proxy", info.HttpsProxy),
  given("No Proxy", info.NoProxy),
];

const labelLines = ({ Labels }: InfoAnswer): Lines =>
  Labels?.length ? [" Labels:", ...Labels.map((label) => `  ${label}`)] : [];

function registryLines({ RegistryConfig }: InfoAnswer): Lines {
  const insecure = Object.entries(RegistryConfig?.IndexConfigs ?? {}).filter(([, { Secure }]) => !Secure);
  const ranges = RegistryConfig?.InsecureRegistryCIDRs ?? [];
  const mirrors = RegistryConfig?.Mirrors ?? [];
  return [
    " Insecure Registries:",
    ...insecure.map(([name]) => `  ${name}`),
    ...ranges.map((range) => `  ${range}`),
    ...(mirrors.length > 0 ? [" Registry Mirrors:", ...mirrors.map((mirror) => `  ${mirror}`)] : []),
  ];
}

const poolLines = ({ DefaultAddressPools, FirewallBackend }: InfoAnswer): Lines => [
  ...(DefaultAddressPools?.length
    ? [
        " Default Address Pools:",
        ...DefaultAddressPools.map(({ Base, Size }) => `   Base: ${Base}, Size: ${Size}`),
      ]
    : []),
  FirewallBackend?.Driver ? ` Firewall Backend: ${FirewallBackend.Driver}` : undefined,
];
