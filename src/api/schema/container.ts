export type { ContainerConfig, HealthConfig, WireSet } from "./container-config.ts";
export type { EndpointRequest, NetworkingConfig } from "./endpoint.ts";
export type {
  DeviceMapping,
  DeviceRequest,
  HostConfig,
  LogConfig,
  Mount,
  PortBinding,
  PortMap,
  Resources,
  RestartPolicy,
  ThrottleDevice,
  Ulimit,
  WeightDevice,
} from "./host-config.ts";
