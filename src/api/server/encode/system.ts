import { API_VERSION, MIN_API_VERSION } from "../../routes/versions.ts";
import type { EventMessage } from "../../schema/event.ts";
import type { InfoAnswer, VersionAnswer } from "../../schema/system.ts";
import type { EngineEvent, SystemFacts } from "../ports.ts";

/** Go's names of the machine types that `uname` reports. */
const GO_ARCH: Readonly<Record<string, string>> = { x86_64: "amd64", x64: "amd64", aarch64: "arm64" };
const goArch = (architecture: string): string => GO_ARCH[architecture] ?? architecture;

const runtimeVersion = (facts: SystemFacts): string => `node${facts.nodeVersion.replace(/^v/, "")}`;

export function encodeVersion(facts: SystemFacts): VersionAnswer {
  const arch = goArch(facts.architecture);
  const details = {
    ApiVersion: API_VERSION,
    Arch: arch,
    BuildTime: "",
    Experimental: "false",
    GitCommit: facts.gitCommit,
    GoVersion: runtimeVersion(facts),
    KernelVersion: facts.kernelVersion,
    MinAPIVersion: MIN_API_VERSION,
    Os: "linux",
  };
  return {
    Platform: { Name: "Wharf" },
    Components: [
      { Name: "Engine", Version: facts.version, Details: details },
      ...facts.components.map(({ name, version }) => ({
        Name: name,
        Version: version,
        Details: { GitCommit: "" },
      })),
    ],
    Version: facts.version,
    ApiVersion: API_VERSION,
    MinAPIVersion: MIN_API_VERSION,
    GitCommit: facts.gitCommit,
    GoVersion: runtimeVersion(facts),
    Os: "linux",
    Arch: arch,
    KernelVersion: facts.kernelVersion,
  };
}

function resourceSupport({ controllers, cgroupVersion }: SystemFacts) {
  const has = (name: string) => controllers.has(name);
  return {
    MemoryLimit: has("memory"),
    SwapLimit: has("memory"),
    CpuCfsPeriod: has("cpu"),
    CpuCfsQuota: has("cpu"),
    CPUShares: has("cpu"),
    CPUSet: has("cpuset"),
    PidsLimit: has("pids"),
    // Version 2 has no such switch.
    OomKillDisable: has("memory") && cgroupVersion === "1",
  };
}

function counts({ containers, images }: SystemFacts) {
  return {
    Containers: containers.running + containers.paused + containers.stopped,
    ContainersRunning: containers.running,
    ContainersPaused: containers.paused,
    ContainersStopped: containers.stopped,
    Images: images,
  };
}

/** Registries on this machine are spoken to without TLS, whatever is configured. */
const LOOPBACK = ["::1/128", "127.0.0.0/8"];

function registryConfig(facts: SystemFacts): InfoAnswer["RegistryConfig"] {
  const mirrors = facts.registryMirrors.map((url) => (url.endsWith("/") ? url : `${url}/`));
  const isRange = (text: string) => text.includes("/");
  const hosts = facts.insecureRegistries.filter((text) => !isRange(text));
  const index = (Name: string, Mirrors: readonly string[], Official: boolean) => [
    Name,
    { Mirrors, Name, Official, Secure: Official },
  ];
  // In the order of their names: docker's client writes them anew from a map.
  return {
    IndexConfigs: Object.fromEntries([
      index("docker.io", mirrors, true),
      ...hosts.map((host) => index(host, [], false)),
    ]),
    InsecureRegistryCIDRs: [...new Set([...LOOPBACK, ...facts.insecureRegistries.filter(isRange)])],
    Mirrors: mirrors,
  };
}

function host(facts: SystemFacts) {
  return {
    KernelVersion: facts.kernelVersion,
    OperatingSystem: facts.operatingSystem,
    OSVersion: facts.osVersion,
    OSType: "linux",
    Architecture: facts.architecture,
    NCPU: facts.cpus,
    MemTotal: facts.memory,
    IPv4Forwarding: facts.ipv4Forwarding,
    HttpProxy: facts.httpProxy,
    HttpsProxy: facts.httpsProxy,
    NoProxy: facts.noProxy,
    Name: facts.name,
  };
}

const BUILT_IN = {
  volume: ["local"],
  network: ["bridge", "host", "null"],
  log: ["fluentd", "gelf", "journald", "json-file", "local", "none", "splunk", "syslog"],
} as const;

/** What belongs to swarm mode and other features that are not there, in the shape of "not in use". */
const ABSENT = {
  GenericResources: null,
  ExperimentalBuild: false,
  Swarm: {
    NodeID: "",
    NodeAddr: "",
    LocalNodeState: "inactive",
    ControlAvailable: false,
    Error: "",
    RemoteManagers: null,
  },
  Isolation: "",
  ContainerdCommit: { ID: "" },
  InitCommit: { ID: "" },
} as const;

export function encodeInfo(facts: SystemFacts): InfoAnswer {
  const drivers = facts.drivers ?? BUILT_IN;
  const runtime = facts.components.find(({ name }) => name === facts.defaultRuntime);
  return {
    ID: facts.id,
    ...counts(facts),
    Driver: facts.storageDriver,
    DriverStatus: facts.driverStatus,
    Plugins: { Volume: drivers.volume, Network: drivers.network, Authorization: null, Log: drivers.log },
    ...resourceSupport(facts),
    ...host(facts),
    Debug: facts.debug,
    NFd: facts.fileDescriptors,
    NGoroutines: facts.goroutines,
    SystemTime: facts.time,
    LoggingDriver: facts.loggingDriver,
    CgroupDriver: facts.cgroupDriver,
    CgroupVersion: facts.cgroupVersion,
    NEventsListener: facts.listeners,
    IndexServerAddress: "https://index.docker.io/v1/",
    RegistryConfig: registryConfig(facts),
    DockerRootDir: facts.dataRoot,
    Labels: facts.labels,
    ServerVersion: facts.version,
    Runtimes: facts.runtimes,
    DefaultRuntime: facts.defaultRuntime,
    LiveRestoreEnabled: facts.liveRestore,
    InitBinary: facts.initBinary,
    ...ABSENT,
    RuncCommit: { ID: runtime?.version ?? "" },
    SecurityOptions: facts.securityOptions,
    DefaultAddressPools: facts.addressPools.map(({ base, size }) => ({ Base: base, Size: size })),
    FirewallBackend: { Driver: facts.firewall },
    CDISpecDirs: facts.cdiFolders,
    ...(facts.devices.length > 0 && {
      DiscoveredDevices: facts.devices.map((ID) => ({ Source: "cdi", ID })),
    }),
    Warnings: facts.warnings.length > 0 ? facts.warnings : null,
  };
}

/** ES2026; the compiler's library does not know it yet. */
const { rawJSON } = JSON as unknown as { rawJSON(text: string): unknown };
/** Nanoseconds since the epoch have more digits than a double holds, and go out with all of them. */
const exact = (value: bigint): number => rawJSON(value.toString()) as number;

function legacyFields({ type, action, actor }: EngineEvent): Pick<EventMessage, "status" | "id" | "from"> {
  if (type === "container") return { status: action, id: actor.id, from: actor.attributes["image"] ?? "" };
  return type === "image" ? { status: action, id: actor.id } : {};
}

export function encodeEvent(event: EngineEvent): EventMessage {
  return {
    ...legacyFields(event),
    Type: event.type,
    Action: event.action,
    Actor: { ID: event.actor.id, Attributes: event.actor.attributes },
    scope: "local",
    time: Number(event.timeNano / 1_000_000_000n),
    timeNano: exact(event.timeNano),
  };
}
