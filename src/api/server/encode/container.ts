import type { ContainerConfig } from "../../schema/container.ts";
import type { ContainerInspect, ContainerSummary, MountSummary } from "../../schema/container-answer.ts";
import type { GraphDriver } from "../../schema/image.ts";
import type { ContainerView, MountPoint } from "../ports.ts";
import { encodeConfig, encodeHostConfig } from "./container-config.ts";
import { encodeEndpoints, encodeNetworkSettings, encodePorts } from "./container-network.ts";
import { encodeState, statusText } from "./container-state.ts";

const quoted = (argument: string): string => (argument.includes(" ") ? `'${argument}'` : argument);

const encodeMount = (mount: MountPoint): MountSummary => ({
  Type: mount.type,
  ...(mount.name === undefined || mount.name === "" ? {} : { Name: mount.name }),
  Source: mount.source,
  Destination: mount.destination,
  ...(mount.driver === undefined || mount.driver === "" ? {} : { Driver: mount.driver }),
  Mode: mount.mode,
  RW: mount.rw,
  Propagation: mount.propagation,
});

export interface Sizes {
  readonly rw: number;
  readonly rootFs: number;
}
const encodeSizes = (size: Sizes | undefined) => (size ? { SizeRw: size.rw, SizeRootFs: size.rootFs } : {});

export const unixSeconds = (time: string | undefined): number => {
  const milliseconds = time === undefined ? Number.NaN : Date.parse(time);
  return Number.isNaN(milliseconds) ? 0 : Math.floor(milliseconds / 1000);
};

/** One row of the list. `now` in milliseconds, for the status text. */
export function encodeSummary(view: ContainerView, now: number, size?: Sizes): ContainerSummary {
  const annotations = view.hostConfig.Annotations;
  return {
    Id: view.id,
    Names: [view.name, ...view.linkNames].sort().map((name) => `/${name}`),
    Image: view.imageName,
    ImageID: view.image,
    Command: [view.path, ...view.args.map(quoted)].join(" "),
    Created: unixSeconds(view.created),
    Ports: encodePorts(view),
    ...encodeSizes(size),
    Labels: view.config.Labels ?? {},
    State: view.state.status,
    Status: statusText(view, now),
    HostConfig: {
      NetworkMode: view.hostConfig.NetworkMode ?? "",
      ...(annotations && Object.keys(annotations).length > 0 ? { Annotations: annotations } : {}),
    },
    NetworkSettings: { Networks: encodeEndpoints(view) },
    Mounts: view.mounts.map(encodeMount),
  };
}

function encodeGraph({ id, driver, snapshot }: ContainerView): GraphDriver {
  if (!snapshot) return { Data: null, Name: driver };
  return {
    Data: {
      ID: id,
      LowerDir: snapshot.lower.join(":"),
      MergedDir: snapshot.merged,
      UpperDir: snapshot.upper,
      WorkDir: snapshot.work,
    },
    Name: driver,
  };
}

/** The address that was asked for on the mode's network, where clients before API 1.44 look for it. */
function askedMac({ config, hostConfig, network }: ContainerView): Pick<ContainerConfig, "MacAddress"> {
  const asked = config.MacAddress || network.endpoints[hostConfig.NetworkMode ?? ""]?.request.MacAddress;
  return asked ? { MacAddress: asked } : {};
}

export function encodeInspect(view: ContainerView, size?: Sizes): ContainerInspect {
  return {
    Id: view.id,
    Created: view.created,
    Path: view.path,
    Args: view.args,
    State: encodeState(view),
    Image: view.image,
    ResolvConfPath: view.files.resolvConf,
    HostnamePath: view.files.hostname,
    HostsPath: view.files.hosts,
    LogPath: view.files.log,
    Name: `/${view.name}`,
    RestartCount: view.restartCount,
    Driver: view.driver,
    Platform: view.platform,
    MountLabel: "",
    ProcessLabel: "",
    AppArmorProfile: "",
    ExecIDs: view.execIds.length > 0 ? view.execIds : null,
    HostConfig: encodeHostConfig(view.hostConfig),
    GraphDriver: encodeGraph(view),
    ...encodeSizes(size),
    Mounts: view.mounts.map(encodeMount),
    Config: encodeConfig({ ...view.config, ...askedMac(view) }),
    NetworkSettings: encodeNetworkSettings(view),
  };
}
