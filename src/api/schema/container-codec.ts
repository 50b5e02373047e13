import type { ContainerConfig, HealthConfig } from "./container-config.ts";
import type { EndpointRequest, NetworkingConfig } from "./endpoint.ts";
import type { HostConfig, Mount, Resources, RestartPolicy } from "./host-config.ts";
import {
  anything,
  codec,
  document,
  type Entries,
  flag,
  items,
  map,
  orNull,
  part,
  parts,
  set,
  text,
  textLists,
  textMap,
  textOrTexts,
  texts,
  whole,
  wholes,
} from "./kit.ts";

const health = (): Entries<HealthConfig> => ({
  Test: texts,
  Interval: whole,
  Timeout: whole,
  StartPeriod: whole,
  StartInterval: whole,
  Retries: whole,
});

export const containerConfigEntries = (): Entries<ContainerConfig> => ({
  Hostname: text,
  Domainname: text,
  User: text,
  AttachStdin: flag,
  AttachStdout: flag,
  AttachStderr: flag,
  ExposedPorts: set,
  Tty: flag,
  OpenStdin: flag,
  StdinOnce: flag,
  Env: texts,
  Cmd: textOrTexts,
  Healthcheck: part(health()),
  ArgsEscaped: flag,
  Image: text,
  Volumes: set,
  WorkingDir: text,
  Entrypoint: textOrTexts,
  NetworkDisabled: flag,
  MacAddress: text,
  OnBuild: texts,
  Labels: textMap,
  StopSignal: text,
  StopTimeout: whole,
  Shell: texts,
});

const throttle = () => parts({ Path: text, Rate: whole });

const resourceEntries = (): Entries<Resources> => ({
  CpuShares: whole,
  Memory: whole,
  NanoCpus: whole,
  CgroupParent: text,
  BlkioWeight: whole,
  BlkioWeightDevice: parts({ Path: text, Weight: whole }),
  BlkioDeviceReadBps: throttle(),
  BlkioDeviceWriteBps: throttle(),
  BlkioDeviceReadIOps: throttle(),
  BlkioDeviceWriteIOps: throttle(),
  CpuPeriod: whole,
  CpuQuota: whole,
  CpuRealtimePeriod: whole,
  CpuRealtimeRuntime: whole,
  CpusetCpus: text,
  CpusetMems: text,
  Devices: parts({ PathOnHost: text, PathInContainer: text, CgroupPermissions: text }),
  DeviceCgroupRules: texts,
  DeviceRequests: parts({
    Driver: text,
    Count: whole,
    DeviceIDs: texts,
    Capabilities: textLists,
    Options: textMap,
  }),
  KernelMemory: whole,
  KernelMemoryTCP: whole,
  MemoryReservation: whole,
  MemorySwap: whole,
  MemorySwappiness: whole,
  OomKillDisable: flag,
  PidsLimit: whole,
  Ulimits: parts({ Name: text, Soft: whole, Hard: whole }),
  CpuCount: whole,
  CpuPercent: whole,
  IOMaximumIOps: whole,
  IOMaximumBandwidth: whole,
});

const restartPolicy = (): Entries<RestartPolicy> => ({ Name: text, MaximumRetryCount: whole });

/** One entry of HostConfig.Mounts. */
export const mountEntries = (): Entries<Mount> => ({
  Type: text,
  Source: text,
  Target: text,
  ReadOnly: flag,
  Consistency: text,
  BindOptions: part({
    Propagation: text,
    NonRecursive: flag,
    CreateMountpoint: flag,
    ReadOnlyNonRecursive: flag,
    ReadOnlyForceRecursive: flag,
  }),
  VolumeOptions: part({
    NoCopy: flag,
    Labels: textMap,
    Subpath: text,
    DriverConfig: part({ Name: text, Options: textMap }),
  }),
  ImageOptions: part({ Subpath: text }),
  TmpfsOptions: part({ SizeBytes: whole, Mode: whole, Options: textLists }),
  ClusterOptions: anything,
});
const mounts = () => parts(mountEntries());

const hostConfigEntries = (): Entries<HostConfig> => ({
  ...resourceEntries(),
  Binds: texts,
  ContainerIDFile: text,
  LogConfig: part({ Type: text, Config: textMap }),
  NetworkMode: text,
  PortBindings: map(orNull(portBindings())),
  RestartPolicy: part(restartPolicy()),
  AutoRemove: flag,
  VolumeDriver: text,
  VolumesFrom: texts,
  Mounts: mounts(),
  ConsoleSize: wholes,
  Annotations: textMap,
  CapAdd: texts,
  CapDrop: texts,
  CgroupnsMode: text,
  Dns: texts,
  DnsOptions: texts,
  DnsSearch: texts,
  ExtraHosts: texts,
  GroupAdd: texts,
  IpcMode: text,
  Cgroup: text,
  Links: texts,
  OomScoreAdj: whole,
  PidMode: text,
  Privileged: flag,
  PublishAllPorts: flag,
  ReadonlyRootfs: flag,
  SecurityOpt: texts,
  StorageOpt: textMap,
  Tmpfs: textMap,
  UTSMode: text,
  UsernsMode: text,
  ShmSize: whole,
  Sysctls: textMap,
  Runtime: text,
  Isolation: text,
  Init: flag,
  MaskedPaths: texts,
  ReadonlyPaths: texts,
});

const portBindings = () => items(document({ HostIp: text, HostPort: text }));

export const endpointEntries = (): Entries<EndpointRequest> => ({
  IPAMConfig: part({ IPv4Address: text, IPv6Address: text, LinkLocalIPs: texts }),
  Links: texts,
  Aliases: texts,
  DriverOpts: textMap,
  GwPriority: whole,
  MacAddress: text,
});

/** Body of `POST /containers/create`: the configuration with the host's and the network's part inside. */
export interface CreateContainerBody extends ContainerConfig {
  readonly HostConfig?: HostConfig | null;
  readonly NetworkingConfig?: NetworkingConfig | null;
}

export const createContainerBody = codec<CreateContainerBody>(() =>
  document<CreateContainerBody>({
    ...containerConfigEntries(),
    HostConfig: part(hostConfigEntries()),
    NetworkingConfig: part<NetworkingConfig>({
      EndpointsConfig: map(orNull(document(endpointEntries()))),
    }),
  }),
);

/** Body of `POST /containers/{id}/update`. */
export interface UpdateContainerBody extends Resources {
  readonly RestartPolicy?: RestartPolicy | null;
  readonly Init?: boolean | null;
}

export const updateContainerBody = codec<UpdateContainerBody>(() =>
  document<UpdateContainerBody>({ ...resourceEntries(), RestartPolicy: part(restartPolicy()), Init: flag }),
);

export const containerConfigBody = codec<ContainerConfig>(() => document(containerConfigEntries()));
