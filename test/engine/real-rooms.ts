import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { silentLogger } from "../../src/base/log.ts";
import { createTracer } from "../../src/base/trace.ts";
import { applyChanges } from "../../src/build/index.ts";
import { dockerArchive } from "../../src/cli/base-image/archive.ts";
import { makeBusybox } from "../../src/cli/base-image/busybox.ts";
import { decide } from "../../src/daemon/config/decide.ts";
import { containerFiles } from "../../src/daemon/files/container-files.ts";
import { readHostFacts } from "../../src/daemon/host.ts";
import { hostProcesses } from "../../src/daemon/processes.ts";
import { rootfsFiles } from "../../src/daemon/rootfs.ts";
import { shmFolders } from "../../src/daemon/shm.ts";
import { createEngine, type EngineDeps, type EngineRoom } from "../../src/engine/index.ts";
import { openImageStore } from "../../src/image/index.ts";
import { linuxKernel } from "../../src/kernel/index.ts";
import { openNetworks } from "../../src/network/index.ts";
import { openPlugins } from "../../src/plugin/index.ts";
import { buildSpec, deviceLookup, openRuntime } from "../../src/runtime/index.ts";
import { openDatabase } from "../../src/store/index.ts";
import { openVolumes } from "../../src/volume/index.ts";

export interface RealRooms extends AsyncDisposable {
  readonly engine: EngineRoom;
  /** Makes the next call of this name fail before it does anything, or after it has done its work. */
  failAt: { readonly call: string; readonly when: "before" | "after" } | undefined;
}

/** The engine on the real rooms and kernel, all in folders that carry `name`; to be made inside a network namespace of its own. */
export async function realRooms(name: string): Promise<RealRooms> {
  const [root, execRoot] = [`/tmp/${name}`, `/run/${name}`];
  await using stack = new AsyncDisposableStack();
  for (const folder of [root, execRoot]) {
    mkdirSync(folder);
    stack.defer(() => rmSync(folder, { recursive: true, force: true }));
  }
  const kernel = linuxKernel();
  stack.defer(() => kernel.packetSockets.close());
  const [log, trace] = [silentLogger, createTracer(undefined)];
  const database = openDatabase(join(root, "db"));
  stack.defer(() => database.close());
  const store = await openImageStore({ root, database, kernel, log });
  stack.defer(() => store.close());
  const { network } = decide(new Map());
  const networks = await openNetworks({
    plugins: openPlugins({ log: silentLogger }),
    execRoot,
    database,
    kernel,
    config: network,
    log,
    trace,
  });
  stack.defer(() => networks.close());
  const runtime = await openRuntime({ execRoot, kernel, cgroupParent: `/${name}`, log, trace });
  stack.defer(() => runtime.close());
  const injector = new Injector();
  const { capabilities, seccomp, apparmor, cpus, kernelVersion, architecture } = readHostFacts();
  const rooms = injector.wrapAll({
    runtime,
    networks,
    layers: store.layers,
    volumes: openVolumes({
      root: join(root, "volumes"),
      runFolder: join(execRoot, "subpaths"),
      database,
      kernel,
      plugins: openPlugins({ log }),
      log,
    }),
    rootfs: rootfsFiles(kernel.files),
    files: containerFiles(),
    shm: shmFolders(join(execRoot, "shm"), kernel.mounts),
    spec: { build: (input: Parameters<EngineDeps["buildSpec"]>[0]) => buildSpec(input, deviceLookup()) },
  });
  const engine = await createEngine({
    ...rooms,
    db: database,
    log,
    trace,
    images: store.images,
    distribution: store.distribution,
    processes: hostProcesses(kernel.cgroups),
    unixDatagrams: kernel.unixDatagrams,
    applyChanges: async (config, changes) => applyChanges(config, changes),
    buildSpec: rooms.spec.build,
    hostInfo: {
      cgroupMode: kernel.cgroups.mode,
      controllers: kernel.cgroups.controllers,
      architecture,
      hardLimits: {},
      capabilities,
      kernel: kernelVersion,
      seccomp,
      apparmor,
    },
    limits: () => kernel.cgroups.limits(),
    devices: () => ({ names: [], warnings: [] }),
    hostFacts: () => Promise.reject(new Error("not asked for")),
    settings: {
      dataRoot: root,
      containersFolder: join(root, "containers"),
      hostname: "host",
      cpus,
      cgroupParent: `/${name}`,
      defaultShmSize: 64 * 1024 * 1024,
      defaultUlimits: [],
      logDriver: "json-file",
      logOptions: {},
      dns: { servers: [], search: [], options: [] },
      initBinary: undefined,
      defaultInit: false,
      stopTimeout: 10,
    },
  });
  stack.defer(() => engine.close());
  await engine.recover();
  await store.images.load(dockerArchive(await makeBusybox()), {});
  const owned = stack.move();
  return {
    engine,
    get failAt() {
      return injector.failAt;
    },
    set failAt(value) {
      injector.failAt = value;
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

type Room = Readonly<Record<string, unknown>>;

/** Stands between the engine and its rooms. */
class Injector {
  failAt: RealRooms["failAt"];

  wrapAll<T extends object>(rooms: T): T {
    const wrapped = Object.entries(rooms).map(
      ([name, room]) => [name, this.#wrap(name, room as Room)] as const,
    );
    return Object.fromEntries(wrapped) as T;
  }

  #wrap(name: string, room: Room): Room {
    return new Proxy(room, {
      get: (target, property) => {
        const value: unknown = Reflect.get(target, property, target);
        if (typeof value !== "function" || typeof property !== "string") return value;
        return (...args: unknown[]) =>
          this.#call(`${name}.${property}`, () => Reflect.apply(value, target, args));
      },
    });
  }

  #call(call: string, body: () => unknown): unknown {
    if (this.failAt?.call !== call) return body();
    const { when } = this.failAt;
    this.failAt = undefined;
    const failure = new Error(`${call} failed`);
    if (when === "before") throw failure;
    const result = body();
    if (!(result instanceof Promise)) throw failure;
    return result.then(() => Promise.reject(failure));
  }
}
