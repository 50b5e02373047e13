import { join } from "node:path";
import { KeyedQueue } from "../base/async.ts";
import type { Logger } from "../base/log.ts";
import type { StartTrace } from "../base/trace.ts";
import type { Plugins } from "../plugin/index.ts";
import type { Database } from "../store/index.ts";
import { check, checkSettings } from "./controller/check.ts";
import { connect } from "./controller/connect.ts";
import { createNetwork } from "./controller/create-network.ts";
import { disconnect } from "./controller/disconnect.ts";
import { foreignBridges } from "./controller/foreign-bridges.ts";
import type { Kit, NetworkConfig, NetworkKernel } from "./controller/kit.ts";
import { publishPorts, withdrawPorts } from "./controller/publish-ports.ts";
import { recover } from "./controller/recover.ts";
import { relink } from "./controller/refresh-links.ts";
import { removeNetwork } from "./controller/remove-network.ts";
import { rename } from "./controller/rename.ts";
import { hostResolvConf } from "./controller/sandbox-files.ts";
import { setUp } from "./controller/set-up.ts";
import { Store } from "./controller/store.ts";
import { tearDown } from "./controller/tear-down.ts";
import { Turns } from "./controller/turns.ts";
import { endpointView, sandboxView } from "./controller/view.ts";
import { watchRules } from "./controller/watch-rules.ts";
import { NameServers } from "./dns/name-servers.ts";
import { BridgeDriver } from "./drivers/bridge/bridge.ts";
import type { Driver } from "./drivers/driver.ts";
import { hostDriver } from "./drivers/host/host.ts";
import { ipvlanDriver } from "./drivers/ipvlan/ipvlan.ts";
import { macvlanDriver } from "./drivers/macvlan/macvlan.ts";
import { nullDriver } from "./drivers/null/null.ts";
import { RemoteDriver } from "./drivers/remote/remote.ts";
import { openFirewall } from "./firewall/open.ts";
import { DefaultIpam } from "./ipam/default/default.ts";
import { DEFAULT_POOLS } from "./ipam/default/subnets.ts";
import type { Ipam } from "./ipam/ipam.ts";
import { nullIpam } from "./ipam/null/null.ts";
import { RemoteIpam } from "./ipam/remote/remote.ts";
import { Registry } from "./model/registry.ts";
import type { Networks } from "./network.ts";
import { PortMap } from "./portmap/port-map.ts";
import { Announcer } from "./sandbox/announcer.ts";
import { LinkReaper } from "./sandbox/link-reaper.ts";

export type { NetworkConfig } from "./controller/kit.ts";

export interface OpenNetworks {
  /** Namespace files are kept in its folder "netns". */
  readonly execRoot: string;
  readonly database: Database;
  readonly kernel: NetworkKernel;
  /** Drivers of networks and addresses in other processes. */
  readonly plugins: Plugins;
  readonly config: NetworkConfig;
  readonly log: Logger;
  readonly trace: StartTrace;
}

const byName = <T extends { readonly name: string }>(all: readonly T[]): ReadonlyMap<string, T> =>
  new Map(all.map((one) => [one.name, one]));

async function assemble({
  execRoot,
  database,
  kernel,
  plugins,
  config,
  log,
  trace,
}: OpenNetworks): Promise<Kit> {
  const forwarding = new Set<4 | 6>();
  const filtered = config.iptables !== false;
  const loopback = filtered && config.userlandProxy !== true;
  const store = new Store(database);
  const host = kernel.netlink.open();
  const bridge = new BridgeDriver({ kernel, host, localPorts: loopback, filtered });
  const ipam = new DefaultIpam(database, config.addressPools ?? DEFAULT_POOLS);
  const below = { kernel, host, networks: () => store.networks().map(({ record }) => record) };
  const hostServers = () => hostResolvConf().servers;
  const drivers = new Registry(
    byName<Driver>([bridge, macvlanDriver(below), ipvlanDriver(below), hostDriver, nullDriver]),
    plugins,
    "NetworkDriver",
    (name, plugin) => new RemoteDriver({ name, plugin, kernel, host }),
  );
  const firewall = await openFirewall({
    backend: filtered ? (config.firewallBackend ?? "iptables") : "none",
    execRoot,
    database,
    ipv6: config.ip6tables !== false,
    closed: (family) => forwarding.has(family) && config.ipForwardNoDrop !== true,
    others: () => foreignBridges({ kernel, store, drivers }),
    loopback,
    log,
  });
  return {
    kernel,
    host,
    store,
    drivers,
    ipams: new Registry(
      byName<Ipam>([ipam, nullIpam]),
      plugins,
      "IpamDriver",
      (name, plugin) => new RemoteIpam({ name, plugin, database }),
    ),
    firewall,
    ports: new PortMap(kernel.sctp.listen, config.ownPorts),
    names: new NameServers({ store, kernel, hostServers, log }),
    reaper: new LinkReaper(host),
    announcer: new Announcer({ kernel, host, log }),
    queue: new KeyedQueue(),
    turns: new Turns(),
    closing: new Set(),
    config,
    forwarding,
    netnsFolder: join(execRoot, "netns"),
    log,
    trace,
  };
}

/**
 * Opens the network room. Nothing in the kernel is touched before `recover`. Throws unavailable when iptables is wanted
 * and not installed.
 */
export async function openNetworks(options: OpenNetworks): Promise<Networks> {
  const kit = await assemble(options);
  const watch = watchRules(kit);
  return {
    recover: (running, pidOf = () => undefined) => recover(kit, running, pidOf),
    list: () => kit.store.networks().map(({ record }) => record),
    resolve: (reference) => kit.store.resolve(reference).record,
    create: (request) => createNetwork(kit, request),
    remove: (reference) => removeNetwork(kit, reference),
    endpoints: (networkId) =>
      kit.store.endpoints(networkId).map(([{ request }, endpoint]) => ({
        ...endpointView(endpoint),
        containerId: request.containerId,
        containerName: request.containerName,
      })),
    check: (request) => check(kit, request),
    checkSettings: (reference, request) => checkSettings(kit, reference, request),
    setUp: (request) => setUp(kit, request),
    sandbox(containerId) {
      const sandbox = kit.store.ofContainer(containerId);
      return sandbox && sandboxView(sandbox);
    },
    tearDown: (containerId) => tearDown(kit, containerId),
    connect: (containerId, network, request) => connect(kit, containerId, network, request),
    disconnect: (containerId, network) => disconnect(kit, containerId, network),
    publish: (containerId, ports) => publishPorts(kit, containerId, ports),
    withdraw: (containerId, ports) => withdrawPorts(kit, containerId, ports),
    explain: async (containerId, wanted) =>
      (await import("./controller/explain.ts")).explain(kit, containerId, wanted),
    rename: (containerId, name) => rename(kit, containerId, name),
    relink: (containerId, links) => relink(kit, containerId, links),
    reload: () => watch.check(),
    async close() {
      watch.stop();
      kit.announcer.close();
      await kit.names.close();
      await kit.ports.close();
      await kit.reaper.close();
      kit.host[Symbol.dispose]();
    },
  };
}
