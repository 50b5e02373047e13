import type { ContainerConfig, HostConfig } from "../../schema/container.ts";
import { ZERO_CONFIG } from "../../schema/container-config.ts";

const ZERO_RESOURCES = {
  CpuShares: 0,
  Memory: 0,
  NanoCpus: 0,
  CgroupParent: "",
  BlkioWeight: 0,
  BlkioWeightDevice: null,
  BlkioDeviceReadBps: null,
  BlkioDeviceWriteBps: null,
  BlkioDeviceReadIOps: null,
  BlkioDeviceWriteIOps: null,
  CpuPeriod: 0,
  CpuQuota: 0,
  CpuRealtimePeriod: 0,
  CpuRealtimeRuntime: 0,
  CpusetCpus: "",
  CpusetMems: "",
  Devices: null,
  DeviceCgroupRules: null,
  DeviceRequests: null,
  MemoryReservation: 0,
  MemorySwap: 0,
  MemorySwappiness: null,
  OomKillDisable: null,
  PidsLimit: null,
  Ulimits: null,
  CpuCount: 0,
  CpuPercent: 0,
  IOMaximumIOps: 0,
  IOMaximumBandwidth: 0,
} as const;

const ZERO_HOST_CONFIG = {
  Binds: null,
  ContainerIDFile: "",
  LogConfig: { Type: "", Config: {} },
  NetworkMode: "",
  PortBindings: {},
  RestartPolicy: { Name: "no", MaximumRetryCount: 0 },
  AutoRemove: false,
  VolumeDriver: "",
  VolumesFrom: null,
  ConsoleSize: [0, 0],
  CapAdd: null,
  CapDrop: null,
  CgroupnsMode: "",
  Dns: [],
  DnsOptions: [],
  DnsSearch: [],
  ExtraHosts: null,
  GroupAdd: null,
  IpcMode: "",
  Cgroup: "",
  Links: null,
  OomScoreAdj: 0,
  PidMode: "",
  Privileged: false,
  PublishAllPorts: false,
  ReadonlyRootfs: false,
  SecurityOpt: null,
  UTSMode: "",
  UsernsMode: "",
  ShmSize: 0,
  Runtime: "",
  Isolation: "",
  ...ZERO_RESOURCES,
  MaskedPaths: null,
  ReadonlyPaths: null,
} as const satisfies HostConfig;

/** `zero` with what the document says put over it; a null or absent field of the document leaves the zero. */
function fill<T extends object>(zero: T, document: T): T {
  const said = Object.entries(document).filter(([, value]) => value !== undefined && value !== null);
  return { ...zero, ...Object.fromEntries(said) };
}

export const encodeConfig = (config: ContainerConfig): ContainerConfig => ({
  ...fill<ContainerConfig>(ZERO_CONFIG, config),
  Labels: config.Labels ?? {},
});

export function encodeHostConfig(config: HostConfig): HostConfig {
  const filled = fill<HostConfig>(ZERO_HOST_CONFIG, config);
  return {
    ...filled,
    RestartPolicy: {
      Name: filled.RestartPolicy?.Name || "no",
      MaximumRetryCount: filled.RestartPolicy?.MaximumRetryCount ?? 0,
    },
    LogConfig: { Type: filled.LogConfig?.Type ?? "", Config: filled.LogConfig?.Config ?? {} },
  };
}
