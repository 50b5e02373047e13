import { type Shape, shapes } from "./shape.ts";

/** The documents of `inspect` as Go's types have them (api/types of docker 28): names are those of the wire. */
const TABLE: Readonly<Record<string, string>> = {
  container: `container.InspectResponse ID=Id:s Created:s Path:s Args:l State:*State Image:s ResolvConfPath:s
    HostnamePath:s HostsPath:s LogPath:s Name:s RestartCount:n Driver:s Platform:s MountLabel:s ProcessLabel:s
    AppArmorProfile:s ExecIDs:l HostConfig:*HostConfig GraphDriver:GraphDriver ImageManifestDescriptor:p SizeRw:p
    SizeRootFs:p Mounts:[]Mount Config:*Config NetworkSettings:*NetworkSettings`,
  State: `container.State Status:s Running:b Paused:b Restarting:b OOMKilled:b Dead:b Pid:n ExitCode:n Error:s
    StartedAt:s FinishedAt:s Health:*Health`,
  Health: "container.Health Status:s FailingStreak:n Log:[]HealthResult",
  HealthResult: "container.HealthcheckResult Start:s End:s ExitCode:n Output:s",
  GraphDriver: "storage.DriverData Data:m Name:s",
  Mount: "container.MountPoint Type:s Name:s Source:s Destination:s Driver:s Mode:s RW:b Propagation:s",
  Config: `container.Config Hostname:s Domainname:s User:s AttachStdin:b AttachStdout:b AttachStderr:b ExposedPorts:m
    Tty:b OpenStdin:b StdinOnce:b Env:l Cmd:l Healthcheck:*HealthConfig ArgsEscaped:b Image:s Volumes:m WorkingDir:s
    Entrypoint:l NetworkDisabled:b MacAddress:s OnBuild:l Labels:m StopSignal:s StopTimeout:p Shell:l`,
  HealthConfig: "container.HealthConfig Test:l Interval:n Timeout:n StartPeriod:n StartInterval:n Retries:n",
  HostConfig: `container.HostConfig Binds:l ContainerIDFile:s LogConfig:LogConfig NetworkMode:s PortBindings:{}[]PortBinding
    RestartPolicy:RestartPolicy AutoRemove:b VolumeDriver:s VolumesFrom:l ConsoleSize:l Annotations:m CapAdd:l CapDrop:l
    CgroupnsMode:s DNS=Dns:l DNSOptions=DnsOptions:l DNSSearch=DnsSearch:l ExtraHosts:l GroupAdd:l IpcMode:s Cgroup:s Links:l OomScoreAdj:n
    PidMode:s Privileged:b PublishAllPorts:b ReadonlyRootfs:b SecurityOpt:l StorageOpt:m Tmpfs:m UTSMode:s UsernsMode:s
    ShmSize:n Sysctls:m Runtime:s Isolation:s CPUShares=CpuShares:n Memory:n NanoCPUs=NanoCpus:n CgroupParent:s BlkioWeight:n
    BlkioWeightDevice:l BlkioDeviceReadBps:l BlkioDeviceWriteBps:l BlkioDeviceReadIOps:l BlkioDeviceWriteIOps:l
    CPUPeriod=CpuPeriod:n CPUQuota=CpuQuota:n
    CPURealtimePeriod=CpuRealtimePeriod:n CPURealtimeRuntime=CpuRealtimeRuntime:n CpusetCpus:s CpusetMems:s Devices:l
    DeviceCgroupRules:l DeviceRequests:l KernelMemory:n KernelMemoryTCP:n MemoryReservation:n MemorySwap:n
    MemorySwappiness:p OomKillDisable:p PidsLimit:p Ulimits:l CPUCount=CpuCount:n CPUPercent=CpuPercent:n IOMaximumIOps:n
    IOMaximumBandwidth:n Mounts:l MaskedPaths:l ReadonlyPaths:l Init:p`,
  PortBinding: "nat.PortBinding HostIP=HostIp:s HostPort:s",
  LogConfig: "container.LogConfig Type:s Config:m",
  RestartPolicy: "container.RestartPolicy Name:s MaximumRetryCount:n",
  NetworkSettings: `container.NetworkSettings Bridge:s SandboxID:s SandboxKey:s Ports:{}[]PortBinding HairpinMode:b
    LinkLocalIPv6Address:s LinkLocalIPv6PrefixLen:n SecondaryIPAddresses:l SecondaryIPv6Addresses:l EndpointID:s
    Gateway:s GlobalIPv6Address:s GlobalIPv6PrefixLen:n IPAddress:s IPPrefixLen:n IPv6Gateway:s MacAddress:s
    Networks:{}Endpoint`,
  Endpoint: `network.EndpointSettings IPAMConfig:*EndpointIpam Links:l Aliases:l MacAddress:s DriverOpts:m GwPriority:n
    NetworkID:s EndpointID:s Gateway:s IPAddress:s IPPrefixLen:n IPv6Gateway:s GlobalIPv6Address:s
    GlobalIPv6PrefixLen:n DNSNames:l`,
  EndpointIpam: "network.EndpointIPAMConfig IPv4Address:s IPv6Address:s LinkLocalIPs:l",
  image: `image.InspectResponse ID=Id:s RepoTags:l RepoDigests:l Parent:s Comment:s Created:s DockerVersion:s Author:s
    Config:*ImageConfig Architecture:s Variant:s Os:s OsVersion:s Size:n VirtualSize:n GraphDriver:GraphDriver
    RootFS:RootFS Metadata:Metadata Descriptor:p Manifests:l`,
  ImageConfig: `v1.DockerOCIImageConfig User:s ExposedPorts:m Env:l Entrypoint:l Cmd:l Volumes:m WorkingDir:s Labels:m
    StopSignal:s ArgsEscaped:b Healthcheck:*HealthConfig OnBuild:l Shell:l`,
  RootFS: "image.RootFS Type:s Layers:l",
  Metadata: "image.Metadata LastTagTime:s",
  network: `network.Inspect Name:s ID=Id:s Created:t Scope:s Driver:s EnableIPv4:b EnableIPv6:b IPAM:Ipam Internal:b
    Attachable:b Ingress:b ConfigFrom:ConfigFrom ConfigOnly:b Containers:{}NetworkContainer Options:m Labels:m Peers:l
    Services:m`,
  Ipam: "network.IPAM Driver:s Options:m Config:[]IpamConfig",
  IpamConfig: "network.IPAMConfig Subnet:s IPRange:s Gateway:s AuxiliaryAddresses:m",
  ConfigFrom: "network.ConfigReference Network:s",
  NetworkContainer: "network.EndpointResource Name:s EndpointID:s MacAddress:s IPv4Address:s IPv6Address:s",
  version: "system.versionInfo Client:*ClientVersion Server:*ServerVersion",
  ClientVersion: `system.clientVersion Platform:Platform Version:s APIVersion=ApiVersion:s DefaultAPIVersion:s
    GitCommit:s GoVersion:s Os:s Arch:s BuildTime:s Context:s`,
  ServerVersion: `*types.Version Platform:Platform Components:[]Component Version:s APIVersion=ApiVersion:s
    MinAPIVersion:s GitCommit:s GoVersion:s Os:s Arch:s KernelVersion:s Experimental:b BuildTime:s`,
  Platform: "types.Platform Name:s",
  Component: "types.ComponentVersion Name:s Version:s Details:m",
  volume: `volume.Volume ClusterVolume:p CreatedAt:s Driver:s Labels:m Mountpoint:s Name:s Options:m Scope:s Status:m
    UsageData:p`,
};

const ALL = shapes(TABLE);

export const shapeOf = (kind: string): Shape | undefined => ALL[kind];
