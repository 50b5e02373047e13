import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { notFound } from "../../src/base/errors.ts";
import { silentLogger } from "../../src/base/log.ts";
import { createTracer } from "../../src/base/trace.ts";
import { containerFiles } from "../../src/daemon/files/container-files.ts";
import { createEngine, type EngineDeps, type EngineRoom } from "../../src/engine/index.ts";
import { EVERY_LIMIT } from "../../src/engine/testing/limits.ts";
import type { Image, SnapshotFolders } from "../../src/image/index.ts";
import type { Sandbox, SandboxRequest } from "../../src/network/index.ts";
import type { Exit, OciSpec, Runtime, Stdio } from "../../src/runtime/index.ts";
import { openDatabase } from "../../src/store/index.ts";
import type { VolumeRecord } from "../../src/volume/index.ts";

/**
 * Rooms that only keep account of what they were asked for, to prove the order and the undo of the engine's own steps.
 * That the real rooms do what they are asked is proven elsewhere, against the kernel.
 */
export interface FakeRooms {
  readonly engine: EngineRoom;
  /** Everything that exists now, one word each: "snapshot:ID", "mount:ID", "sandbox:ID", "process:ID", ... */
  readonly present: Set<string>;
  /** The calls so far, in order. */
  readonly calls: string[];
  /** Makes a call fail, by its name. */
  failAt: string | undefined;
  /** Makes processes start when this is settled. */
  startsAfter: Promise<void> | undefined;
  exit(id: string, code: number): void;
  [Symbol.asyncDispose](): Promise<void>;
}

const IMAGE: Image = {
  id: `sha256:${"a".repeat(64)}`,
  config: {
    architecture: process.arch === "arm64" ? "arm64" : "amd64",
    os: "linux",
    config: { Cmd: ["sh"] },
    rootfs: { type: "layers", diff_ids: [] },
  },
  repoTags: ["busybox:latest"],
  repoDigests: [],
  size: 1,
};

const SPEC: OciSpec = { ociVersion: "1.0.2", root: { path: "/" } };
const NO_SETTINGS = { servers: [], search: [], options: [] };

const nothing = async function* (): AsyncGenerator<never> {
  yield* [];
};

type Step = <T>(name: string, body: () => T) => T;

class Account {
  readonly present = new Set<string>();
  readonly calls: string[] = [];
  failAt: string | undefined;
  startsAfter: Promise<void> | undefined;

  readonly step: Step = (name, body) => {
    this.calls.push(name);
    if (this.failAt === name) throw new Error(`${name} failed`);
    return body();
  };

  readonly add = <T>(name: string, word: string, result: T): T =>
    this.step(name, () => {
      this.present.add(word);
      return result;
    });
  readonly drop = (name: string, word: string) => this.step(name, () => this.present.delete(word));
}

const folders = (id: string): SnapshotFolders => ({
  lower: [],
  upper: `/u/${id}`,
  work: `/w/${id}`,
  merged: `/m/${id}`,
});

function fakeLayers({ step, add, drop, present }: Account): EngineDeps["layers"] {
  return {
    driver: "fake",
    prepare: async (id) => add("layers.prepare", `snapshot:${id}`, folders(id)),
    folders: (id) => (present.has(`snapshot:${id}`) ? folders(id) : undefined),
    mount: (id) => add("layers.mount", `mount:${id}`, folders(id).merged),
    unmount: (id) => drop("layers.unmount", `mount:${id}`),
    remove: async (id) => {
      step("layers.remove", () => present.delete(`snapshot:${id}`));
      present.delete(`mount:${id}`);
    },
    discard: () => undefined,
    changes: async () => [],
    diff: nothing,
    export: nothing,
    stack: () => [],
    commit: async () => Promise.reject(new Error("not asked for")),
    rebase: async () => Promise.reject(new Error("not asked for")),
    usage: async () => 0,
    recover: async () => undefined,
  };
}

function fakeNetworks({ step, drop, present }: Account): EngineDeps["networks"] {
  const sandboxes = new Map<string, Sandbox>();
  const unasked = async () => Promise.reject(new Error("not asked for"));
  const make = ({ containerId }: SandboxRequest): Sandbox => {
    present.add(`sandbox:${containerId}`);
    const files = { hosts: "/h", resolvConf: "/r", hostname: "/n" };
    const sandbox = { id: containerId, netns: `/netns/${containerId}`, endpoints: [], ports: [], files };
    sandboxes.set(containerId, sandbox);
    return sandbox;
  };
  return {
    recover: async () => undefined,
    list: () => [],
    resolve: (reference) => {
      throw notFound(`network ${reference} not found`);
    },
    create: unasked,
    remove: unasked,
    reload: async () => undefined,
    publish: unasked,
    withdraw: unasked,
    explain: unasked,
    endpoints: () => [],
    check: () => step("networks.check", () => undefined),
    setUp: async (request) => step("networks.setUp", () => make(request)),
    sandbox: (id) => sandboxes.get(id),
    tearDown: async (id) => {
      drop("networks.tearDown", `sandbox:${id}`);
      sandboxes.delete(id);
    },
    connect: unasked,
    disconnect: unasked,
    rename: () => undefined,
    relink: () => Promise.resolve(),
    checkSettings: () => undefined,
    close: async () => undefined,
  };
}

function fakeVolumes({ step, add, drop, present }: Account): EngineDeps["volumes"] {
  const volumes = new Map<string, VolumeRecord>();
  const get = (name: string): VolumeRecord => {
    const volume = volumes.get(name);
    if (!volume) throw notFound(`get ${name}: no such volume`);
    return volume;
  };
  return {
    list: () => [...volumes.values()],
    get,
    create: async ({ name: asked }) => {
      const name = asked ?? `anonymous${volumes.size}`;
      add("volumes.create", `volume:${name}`, undefined);
      const record = {
        name,
        driver: "local",
        mountpoint: `/v/${name}`,
        created: "",
        labels: {},
        options: {},
        anonymous: !asked,
        scope: "local",
      } as const;
      volumes.set(name, record);
      return record;
    },
    remove: async (name) => {
      drop("volumes.remove", `volume:${name}`);
      return volumes.delete(name);
    },
    reserve: (name, id) => add("volumes.reserve", `reserved:${name}:${id}`, undefined),
    releaseAll: (id) => {
      for (const word of present) if (word.startsWith("reserved:") && word.endsWith(id)) present.delete(word);
    },
    users: () => [],
    mount: async (name, id) => add("volumes.mount", `held:${name}:${id}`, get(name).mountpoint),
    unmount: async (name, id) => void drop("volumes.unmount", `held:${name}:${id}`),
    populate: async (_name, _id, _subpath, content) => step("volumes.populate", () => void content.rootfs()),
    usage: async () => 0,
    listAll: async () => ({ volumes: [...volumes.values()], warnings: [] }),
    find: async (name) => get(name),
    release: (name, id) => void present.delete(`reserved:${name}:${id}`),
    holdSubpath: (path) => ({ path, release: () => undefined }),
    hold: async (name) => ({ path: get(name).mountpoint, release: async () => undefined }),
    copy: async () => undefined,
    restore: async () => undefined,
    attach: async (_pid, { destination }) => destination,
    detach: async () => true,
    checkPropagation: () => undefined,
    recover: async () => undefined,
    close: async () => undefined,
  };
}

const SILENT: Stdio = {
  output: nothing,
  write: async () => undefined,
  end: async () => undefined,
  close: () => undefined,
};

function fakeRuntime(account: Account, exits: ((id: string, exit: Exit) => void)[]): Runtime {
  const { step, add, present } = account;
  const choice = { name: "fake", command: ["fake"] };
  const unasked = async () => Promise.reject(new Error("not asked for"));
  const end = (id: string, code: number) => {
    if (!present.delete(`running:${id}`)) return false;
    for (const tell of exits) tell(id, { code, at: new Date().toISOString(), oomKilled: false });
    return true;
  };
  return {
    runtimes: [choice],
    choose: () => choice,
    create: async ({ id }) => add("runtime.create", `process:${id}`, { pid: 1, monitorPid: 2 }),
    start: async (id) => {
      await account.startsAfter;
      add("runtime.start", `running:${id}`, undefined);
    },
    attach: async () => step("runtime.attach", () => SILENT),
    resize: unasked,
    kill: async (id, signal) => end(id, 128 + signal),
    pause: async () => undefined,
    usage: () => undefined,
    followLog: nothing,
    logBytesAfter: async () => 0,
    limitLog: () => ({ [Symbol.asyncDispose]: async () => undefined }),
    update: async () => undefined,
    resume: async () => undefined,
    onExit: (listener) => void exits.push(listener),
    onOom: () => undefined,
    remove: async (id) => {
      step("runtime.remove", () => present.delete(`process:${id}`));
      present.delete(`running:${id}`);
    },
    readLog: async function* () {
      yield step("runtime.readLog", () => []);
    },
    expectExec: () => undefined,
    exec: unasked,
    resizeExec: unasked,
    recover: async () => new Map(),
    traces: async () => [],
    close: async () => undefined,
  };
}

function settings(folder: string): EngineDeps["settings"] {
  return {
    dataRoot: folder,
    containersFolder: join(folder, "containers"),
    hostname: "host",
    cpus: 2,
    cgroupParent: "/fake",
    defaultShmSize: 1024,
    defaultUlimits: [],
    logDriver: "json-file",
    logOptions: {},
    dns: NO_SETTINGS,
    initBinary: undefined,
    defaultInit: false,
    stopTimeout: 1,
  };
}

export async function fakeRooms(): Promise<FakeRooms> {
  const folder = mkdtempSync(join(tmpdir(), "engine-"));
  const account = new Account();
  const { step, add, drop, present } = account;
  const exits: ((id: string, exit: Exit) => void)[] = [];
  const db = openDatabase(join(folder, "db"));
  const unasked = () => {
    throw new Error("not asked for");
  };
  const images: EngineDeps["images"] = {
    resolve: (reference) => {
      if (!reference.startsWith("busybox")) throw notFound(`No such image: ${reference}`);
      return IMAGE;
    },
    get: () => IMAGE,
    list: () => [IMAGE],
    sharing: unasked,
    manifest: unasked,
    verify: unasked,
    history: () => [],
    tag: unasked,
    remove: unasked,
    load: unasked,
    chosenFor: unasked,
    save: unasked,
    import: unasked,
    create: unasked,
    annotate: unasked,
  };
  const engine = await createEngine({
    db,
    log: silentLogger,
    trace: createTracer(undefined),
    runtime: fakeRuntime(account, exits),
    images,
    distribution: {
      pull: unasked,
      push: unasked,
      login: unasked,
      inspect: unasked,
      search: unasked,
      fetch: unasked,
    },
    layers: fakeLayers(account),
    networks: fakeNetworks(account),
    volumes: fakeVolumes(account),
    files: containerFiles(),
    rootfs: {
      read: async () => step("rootfs.read", () => undefined),
      makeFolder: async () => step("rootfs.makeFolder", () => undefined),
    },
    processes: { around: (pid) => [pid], ps: async () => "" },
    unixDatagrams: { connect: unasked },
    applyChanges: async (config) => config,
    shm: {
      make: async (id) => add("shm.make", `shm:${id}`, `/shm/${id}`),
      remove: async (id) => void drop("shm.remove", `shm:${id}`),
      list: async () => [],
    },
    buildSpec: () => step("buildSpec", () => SPEC),
    hostInfo: {
      cgroupMode: "v2",
      controllers: new Set(),
      architecture: "amd64",
      hardLimits: {},
      capabilities: new Set(),
      kernel: "6",
      seccomp: true,
      apparmor: false,
    },
    limits: () => EVERY_LIMIT,
    devices: () => ({ names: [], warnings: [] }),
    hostFacts: unasked,
    settings: settings(folder),
  });
  await engine.recover();
  return {
    engine,
    present,
    calls: account.calls,
    get failAt() {
      return account.failAt;
    },
    set failAt(name) {
      account.failAt = name;
    },
    get startsAfter() {
      return account.startsAfter;
    },
    set startsAfter(settled) {
      account.startsAfter = settled;
    },
    exit: (id, code) => {
      present.delete(`running:${id}`);
      for (const tell of exits) tell(id, { code, at: new Date().toISOString(), oomKilled: false });
    },
    async [Symbol.asyncDispose]() {
      await engine.close();
      db.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** A request for a container of the fake image. */
export const request = (name: string | undefined, hostConfig: object = {}, config: object = {}) => ({
  name,
  platform: undefined,
  config: { Image: "busybox", ...config },
  hostConfig,
  networking: {},
});

export const NEVER = new AbortController().signal;
