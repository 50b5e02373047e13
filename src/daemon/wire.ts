import { accessSync, constants } from "node:fs";
import { join } from "node:path";
import { type ApiServer, type Builder, createApiServer } from "../api/index.ts";
import { invalidParameter } from "../base/errors.ts";
import type { Logger } from "../base/log.ts";
import type { StartTrace } from "../base/trace.ts";
import { VERSION } from "../base/version.ts";
import { createEngine, type EngineDeps, type EngineRoom } from "../engine/index.ts";
import { type ImageStore, openImageStore } from "../image/index.ts";
import type { Kernel } from "../kernel/index.ts";
import { type Networks, openNetworks } from "../network/index.ts";
import { openPlugins, type Plugins } from "../plugin/index.ts";
import {
  buildSpec,
  deviceLookup,
  type HostInfo,
  openRuntime,
  type Runtime,
  ULIMIT_NAMES,
} from "../runtime/index.ts";
import { type Database, openDatabase } from "../store/index.ts";
import { openVolumes } from "../volume/index.ts";
import { forgetCommands, leftBuilds } from "./build-remains.ts";
import type { Config } from "./config/config.ts";
import { engineId, gatherFacts } from "./facts.ts";
import { containerFiles } from "./files/container-files.ts";
import { type HostFacts, readHostFacts } from "./host.ts";
import { refuseLostDatabase } from "./instance.ts";
import { tcpPorts } from "./listeners.ts";
import { hostProcesses } from "./processes.ts";
import { registrySettings } from "./registries.ts";
import { reloadAttributes } from "./reload.ts";
import { rootfsFiles } from "./rootfs.ts";
import { securityDefaults, withSecurityDefaults } from "./security-defaults.ts";
import { shmFolders } from "./shm.ts";
import { vendorDevices } from "./vendor-devices.ts";

export interface Assembly {
  /** The configuration in force: a reload replaces it. */
  readonly config: () => Config;
  readonly kernel: Kernel;
  readonly log: Logger;
  readonly trace: StartTrace;
  /** Gets the undo of everything opened here. */
  readonly stack: AsyncDisposableStack;
}

export interface Assembled {
  readonly api: ApiServer;
  readonly engine: EngineRoom;
  /** SIGHUP: firewall rules that somebody has flushed are written again. */
  readonly restoreRules: () => Promise<void>;
  /** Tells everybody who listens for events that the settings are other ones now. */
  readonly announceReload: () => void;
  /** Takes away what is left of builds an earlier process was killed over. */
  readonly recoverBuilds: () => Promise<void>;
}

/** Init programs of Debian's packages, the smallest first. */
const INIT_BINARIES = [
  "/usr/bin/tini-static",
  "/usr/bin/catatonit",
  "/usr/bin/tini",
  "/usr/libexec/docker/docker-init",
];

function findInit(configured: string | undefined): string | undefined {
  return (configured ? [configured] : INIT_BINARIES).find((path) => {
    try {
      accessSync(path, constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

function hostInfoOf(kernel: Kernel, host: HostFacts): HostInfo {
  return {
    cgroupMode: kernel.cgroups.mode,
    controllers: kernel.cgroups.controllers,
    architecture: host.architecture,
    hardLimits: Object.fromEntries(
      [...ULIMIT_NAMES].map((name) => [name, kernel.processes.limit(name).hard]),
    ),
    capabilities: host.capabilities,
    kernel: host.kernelVersion,
    seccomp: host.seccomp,
    apparmor: host.apparmor,
  };
}

async function openImages({ config, kernel, log, stack }: Assembly, database: Database): Promise<ImageStore> {
  const { dataRoot: root, storage } = config();
  const { driver, size, layerBytes: bytes, layerEntries: entries } = storage;
  const limits = { ...(bytes === undefined ? {} : { bytes }), ...(entries === undefined ? {} : { entries }) };
  const store = await openImageStore({
    root,
    driver,
    size,
    limits,
    database,
    kernel,
    log: log.child({ room: "image" }),
    registries: () => registrySettings(config(), process.env),
  });
  stack.defer(() => store.close());
  return store;
}

/** A bridge that is not the engine's own is its administrator's to make, with the addresses it shall have. */
function refuseMissingBridge({ netlink }: Kernel, name: string): void {
  if (name === "none" || name === "docker0") return;
  // Not by /sys: it may be that of another network namespace.
  using links = netlink.open();
  if (links.find(name)) return;
  throw invalidParameter(
    `cannot use --bridge=${name}: bridge device with non default name ${name} must be created manually`,
  );
}

async function openNetworkRoom(
  { config, kernel, log, trace, stack }: Assembly,
  database: Database,
  plugins: Plugins,
): Promise<Networks> {
  const { execRoot, network, hosts = [], tls } = config();
  refuseMissingBridge(kernel, network.bridge);
  const networks = await openNetworks({
    execRoot,
    database,
    kernel,
    plugins,
    config: { ...network, ownPorts: tcpPorts(hosts, tls !== undefined) },
    log: log.child({ room: "network" }),
    trace,
  });
  stack.defer(() => networks.close());
  return networks;
}

async function openRuntimeRoom({ config, kernel, log, trace, stack }: Assembly): Promise<Runtime> {
  const { execRoot, runtimes, defaultRuntime, cgroupParent } = config();
  const runtime = await openRuntime({
    execRoot,
    kernel,
    runtimes,
    defaultRuntime,
    cgroupParent,
    log: log.child({ room: "runtime" }),
    trace,
  });
  stack.defer(() => runtime.close());
  return runtime;
}

/** Loads the builder with the first build: an engine that builds nothing neither waits for it nor keeps it in memory. */
function lazyBuilder(builder: () => Promise<Builder>): Builder {
  return {
    async *build(request, signal) {
      yield* (await builder()).build(request, signal);
    },
    async *buildOwn(request, signal) {
      yield* (await builder()).buildOwn(request, signal);
    },
    async *files(image, signal) {
      yield* (await builder()).files(image, signal);
    },
    cacheEntries: async () => (await builder()).cacheEntries(),
    prune: async (options) => (await builder()).prune(options),
  };
}

/** Puts the rooms together. Nothing is touched in the kernel yet: that is `engine.recover`'s. */
export async function assemble(assembly: Assembly): Promise<Assembled> {
  const { config, kernel, log, trace, stack } = assembly;
  const { dataRoot, execRoot, containers: defaults, cgroupParent, network } = config();
  stack.defer(() => kernel.packetSockets.close());
  const database = openDatabase(join(dataRoot, "wharf.db"));
  refuseLostDatabase(dataRoot, database);
  stack.defer(() => database.close());
  const plugins = openPlugins({ log: log.child({ room: "plugin" }) });
  // The runtime room asks programs for their versions: the others open meanwhile.
  const [runtime, store, networks] = await Promise.all([
    openRuntimeRoom(assembly),
    openImages(assembly, database),
    openNetworkRoom(assembly, database, plugins),
  ]);

  const host = readHostFacts();
  const hostInfo = hostInfoOf(kernel, host);
  const initBinary = findInit(defaults.initPath);
  const id = engineId(dataRoot);
  const rootfs = rootfsFiles(kernel.files);
  const copies = containerFiles();
  stack.defer(() => copies.close());
  const dns = { servers: network.dns, search: network.dnsSearch, options: network.dnsOptions };
  const security = securityDefaults(defaults);
  const devices = vendorDevices(() => config().cdiFolders);
  const spec: EngineDeps["buildSpec"] = (input) =>
    devices.give(
      buildSpec(withSecurityDefaults(input, security), deviceLookup()),
      input.host.DeviceRequests ?? [],
    );
  const volumes = openVolumes({
    root: join(dataRoot, "volumes"),
    runFolder: join(execRoot, "subpaths"),
    database,
    kernel,
    plugins,
    log: log.child({ room: "volume" }),
  });
  stack.defer(() => volumes.close());
  const engine = await createEngine({
    db: database,
    log: log.child({ room: "engine" }),
    trace,
    runtime,
    images: store.images,
    distribution: store.distribution,
    layers: store.layers,
    networks,
    volumes,
    rootfs,
    files: copies,
    shm: shmFolders(join(execRoot, "shm"), kernel.mounts),
    processes: hostProcesses(kernel.cgroups),
    unixDatagrams: kernel.unixDatagrams,
    applyChanges: async (start, changes) =>
      changes.length === 0 ? start : (await import("../build/index.ts")).applyChanges(start, changes),
    buildSpec: spec,
    hostInfo,
    limits: () => kernel.cgroups.limits(),
    devices: devices.described,
    hostFacts: async () =>
      gatherFacts({
        config,
        host,
        cgroups: kernel.cgroups,
        runtimes: runtime.runtimes,
        id,
        initBinary: initBinary ?? "",
      }),
    settings: {
      dataRoot,
      containersFolder: join(dataRoot, "containers"),
      hostname: host.name,
      cpus: host.cpus,
      cgroupParent,
      get defaultShmSize() {
        return config().containers.shmSize;
      },
      defaultUlimits: defaults.ulimits,
      logDriver: defaults.logDriver,
      logOptions: defaults.logOptions,
      dns,
      initBinary,
      defaultInit: defaults.init,
      get defaultIpcMode() {
        return config().containers.ipcMode;
      },
      get defaultCgroupnsMode() {
        return config().containers.cgroupnsMode;
      },
      stopTimeout: 10,
    },
  });
  stack.defer(() => engine.close());

  const openBuilds = once(async () => {
    const { openBuilder } = await import("./builder.ts");
    return openBuilder({
      dataRoot,
      execRoot,
      database,
      store,
      networks,
      runtime,
      files: kernel.files,
      rootfs,
      spec,
      hostInfo,
      cgroupParent,
      cgroupnsMode: defaults.cgroupnsMode,
      containerId: (name) => engine.containers.inspect(name).id,
      containers: engine.containers,
      shmSize: defaults.shmSize,
      dns,
      cacheLimit: config().buildCacheLimit,
      announceImage: (id) => engine.images.announce(id),
      announcePrune: (reclaimed) => engine.images.announceCachePrune(reclaimed),
      tagImage: (id, target) => engine.images.tag(id, target, ""),
      removeImage: (image) => engine.images.remove(image, { force: false, noPrune: true, platforms: [] }),
    });
  });
  return {
    api: createApiServer({
      engine: { ...engine, builder: lazyBuilder(openBuilds) },
      log: log.child({ room: "api" }),
      version: VERSION,
      hasUntaken: (fd) => kernel.sockets.hasUntaken(fd),
    }),
    engine,
    restoreRules: () => networks.reload(),
    announceReload: () => engine.system.announceReload(id, reloadAttributes(config(), host.name)),
    async recoverBuilds() {
      forgetCommands(execRoot);
      if (leftBuilds(dataRoot)) await (await openBuilds()).recovered;
    },
  };
}

function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => {
    made ??= make();
    return made;
  };
}
