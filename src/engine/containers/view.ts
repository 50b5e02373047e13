import { join } from "node:path";
import type { Endpoint } from "../../network/index.ts";
import type { MountWish } from "../../volume/index.ts";
import type { ContainerView, EndpointView, MountPoint } from "../views.ts";
import type { Container } from "./container.ts";
import { findVolume } from "./create-volumes.ts";
import type { EndpointSettings, HostConfig } from "./documents.ts";
import { within } from "./end.ts";
import type { Kit } from "./kit.ts";
import { linkTexts } from "./links.ts";
import { argumentsOf } from "./merge-config.ts";
import { donorOf } from "./modes.ts";
import { containerFolder, logPath } from "./paths.ts";
import type { ContainerState } from "./state.ts";
import { withDefaultUlimits } from "./ulimits.ts";

type SandboxFiles = Omit<ContainerView["files"], "log">;

/** One that is not connected at this moment. Until its first start a container shows the address it was given. */
const idle = (request: EndpointSettings, networkId: string, wasStarted: boolean): EndpointView => ({
  request,
  networkId,
  endpointId: "",
  macAddress: wasStarted ? "" : (request.MacAddress ?? ""),
  gateway: "",
  ipv4: "",
  ipv4Prefix: 0,
  gateway6: "",
  ipv6: "",
  ipv6Prefix: 0,
  dnsNames: [],
});

function endpointViews(
  asked: Readonly<Record<string, EndpointSettings>>,
  live: readonly Endpoint[],
  idOf: (name: string) => string,
  wasStarted: boolean,
) {
  const views: Record<string, EndpointView> = {};
  const connected = new Set(live.map(({ networkName }) => networkName));
  for (const [name, request] of Object.entries(asked)) {
    if (!connected.has(name)) views[name] = idle(request, idOf(name), wasStarted);
  }
  for (const { networkName, ...endpoint } of live) {
    // A network asked for by its id is shown by its name.
    delete views[endpoint.networkId];
    views[networkName] = endpoint;
  }
  return views;
}

/** As the client sent it, with what comes from elsewhere: links, and the engine's ulimits. */
function shownHost(kit: Kit, container: Container): HostConfig {
  const host = container.record.document.hostConfig;
  const links = linkTexts(kit, container);
  const { defaultUlimits } = kit.settings;
  // Nearly always, and a list has thousands.
  if (links.length === 0 && defaultUlimits.length === 0) return host;
  return {
    ...host,
    ...(links.length > 0 ? { Links: [...(host.Links ?? []), ...links] } : {}),
    ...(defaultUlimits.length > 0 ? { Ulimits: withDefaultUlimits(host.Ulimits ?? [], defaultUlimits) } : {}),
  };
}

function mountPoint(kit: Kit, wish: MountWish): MountPoint {
  const { type, source, destination, mode, readonly, propagation } = wish;
  const common = { type, destination, mode, rw: !readonly, propagation };
  if (type === "image") {
    const source = kit.layers.folders(wish.imageLayer ?? "")?.merged ?? "";
    return { ...common, name: wish.source, source, propagation: "rprivate" };
  }
  if (type !== "volume") return { ...common, source };
  const volume = findVolume(kit, source);
  return { ...common, name: source, source: volume?.mountpoint ?? "", driver: volume?.driver ?? "local" };
}

/** Also when the start failed. */
const hasStarted = (state: ContainerState): boolean =>
  state.status !== "created" || state.error !== undefined;

const WITHOUT_FILES: SandboxFiles = { hosts: "", hostname: "", resolvConf: "" };

/** They stay until it is removed; before the first start there are none. One in another's network has the other's. */
export function filesOf(kit: Kit, { id, state, record }: Container): SandboxFiles {
  if (!hasStarted(state)) return WITHOUT_FILES;
  const reference = donorOf(record.document.hostConfig.NetworkMode);
  if (reference !== undefined) {
    const donor = kit.table.get(reference);
    return donor ? filesOf(kit, donor) : WITHOUT_FILES;
  }
  const folder = containerFolder(kit.settings, id);
  return {
    hosts: join(folder, "hosts"),
    hostname: join(folder, "hostname"),
    resolvConf: join(folder, "resolv.conf"),
  };
}

/** The folders of its layers as well: what only `inspect` shows. */
export const inspectView = (kit: Kit, container: Container): ContainerView => ({
  ...viewOf(kit, container),
  snapshot: kit.layers.folders(container.id),
});

/** A container as the API lists it. */
export function viewOf(kit: Kit, container: Container): ContainerView {
  const { id, name, document, life } = container.record;
  const [path = "", ...args] = argumentsOf(document.config);
  const sandbox = kit.networks.sandbox(id);
  const wasStarted = hasStarted(life.state);
  return {
    id,
    name,
    created: document.created,
    path,
    args,
    state: life.state,
    ...(container.health ? { health: container.health.view() } : {}),
    image: document.image,
    imageName: document.imageName,
    config: document.config,
    hostConfig: shownHost(kit, container),
    linkNames: kit.table.linkNames(container.id),
    restartCount: life.restartCount,
    driver: document.driver,
    platform: document.platform,
    execIds: [...container.execIds],
    mounts: document.mounts.map((wish) => mountPoint(kit, wish)),
    files: {
      ...(sandbox?.files ?? filesOf(kit, container)),
      log:
        wasStarted && document.hostConfig.LogConfig?.Type === "json-file"
          ? (logPath(kit.settings, container.record) ?? "")
          : "",
    },
    network: {
      sandboxId: sandbox?.id ?? "",
      sandboxKey: sandbox?.netns ?? "",
      ports: sandbox?.ports ?? [],
      endpoints: endpointViews(
        document.networks,
        sandbox?.endpoints ?? [],
        (network) =>
          wasStarted ? (kit.networks.list().find((known) => known.name === network)?.id ?? "") : "",
        wasStarted,
      ),
    },
  };
}

/**
 * Milliseconds. Docker's inspect waits for a start that goes on, and clients that share a container by its name count
 * on it: testcontainers gives up on one that is not running yet. Not for ever: a plugin that is asked for a volume
 * during the start may inspect, too.
 */
const LAUNCH_PATIENCE = 5_000;

export async function inspectLaunched(kit: Kit, reference: string): Promise<ContainerView> {
  const container = kit.table.resolve(reference);
  if (container.launching) await within(container.launching, LAUNCH_PATIENCE);
  return inspectView(kit, kit.table.resolve(reference));
}
