import { spawn, spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { type Header, pack } from "tar-stream";
import { notFound } from "../base/errors.ts";
import { gitClient } from "../daemon/git.ts";
import { linuxKernel } from "../kernel/index.ts";
import { chainIdAbove, type Digest, digestOf, type ImageConfig } from "../oci/index.ts";
import { openDatabase } from "../store/index.ts";
import {
  type BuilderParts,
  type BuildRequest,
  createBuilder,
  type EndedCommand,
  type KnownImage,
  type RunRequest,
} from "./index.ts";

/** Not tests: a builder on the real kernel (overlay mounts, openat2) with the plainest of image stores beside it. */
const BASE_LAYER: Digest = `sha256:${"b".repeat(64)}`;
const EMPTY_LAYER: Digest = "sha256:5f70bf18a086007016e948b04aed3b82103a36bea41755b6cddfaf10ace3c6ef";
const APPLETS =
  "sh ls cat echo true false mkdir stat sleep find env pwd grep rm ln chmod sort cp chown touch readlink".split(
    " ",
  );

export const canBuild = process.getuid?.() === 0 && existsSync("/bin/busybox");

export class TestEngine {
  readonly folder = mkdtempSync(join(tmpdir(), "wharf-build-"));
  readonly images = new Map<string, KnownImage>();
  readonly tags = new Map<string, string>();
  readonly snapshots = new Map<
    string,
    { readonly folder: string; readonly parent?: Digest; mounted: boolean }
  >();
  readonly commands: RunRequest[] = [];
  /** Commands whose containers were kept, by their ids. */
  readonly containers = new Map<string, EndedCommand>();
  readonly #layers = new Map<string, readonly string[]>();
  readonly #diffIds = new Map<string, Digest>();
  readonly #kernel = linuxKernel();
  readonly #database = openDatabase(join(this.folder, "db"));

  constructor() {
    const base = join(this.folder, "base");
    for (const name of ["bin", "etc", "dev", "proc", "sys"]) mkdirSync(join(base, name), { recursive: true });
    copyFileSync("/bin/busybox", join(base, "bin/busybox"));
    for (const name of APPLETS) symlinkSync("busybox", join(base, "bin", name));
    writeFileSync(join(base, "etc/passwd"), "root:x:0:0::/:/bin/sh\nweb:x:33:34::/:/bin/sh\n");
    writeFileSync(join(base, "etc/group"), "root:x:0:\nweb:x:34:\nstaff:x:50:\n");
    this.#layers.set(BASE_LAYER, [base]);
    const config: ImageConfig = {
      architecture: "amd64",
      os: "linux",
      config: { Env: ["PATH=/bin"], Cmd: ["sh"] },
      rootfs: { type: "layers", diff_ids: [BASE_LAYER] },
    };
    this.tags.set("busybox", this.add(config).id);
  }

  add(config: ImageConfig, parent?: Digest): KnownImage {
    let chainId: Digest | undefined;
    for (const diffId of config.rootfs.diff_ids) chainId = chainIdAbove(chainId, diffId);
    const image = { id: digestOf(JSON.stringify(config)), config, chainId, parent };
    this.images.set(image.id, image);
    return image;
  }

  parts(): BuilderParts {
    const { files } = this.#kernel;
    const { snapshots } = this;
    return {
      root: join(this.folder, "build"),
      database: this.#database,
      files,
      images: {
        obtain: async (reference) => {
          const image = this.images.get(this.tags.get(reference) ?? reference);
          if (!image) throw notFound(`No such image: ${reference}`);
          return image;
        },
        get: (id) => this.images.get(id),
        find: (reference) => this.images.get(this.tags.get(reference) ?? reference),
        list: () =>
          [...this.images.values()].map(({ id, parent }) => ({
            id,
            parent,
            isNamed: [...this.tags.values()].includes(id),
          })),
        remove: async (id) => {
          if ([...this.images.values()].some(({ parent }) => parent === id)) return false;
          return this.images.delete(id);
        },
        create: async ({ config, parent }) => this.add(config, parent).id,
        tag: async (id, target) => void this.tags.set(target, id),
        annotate: () => undefined,
        announce: () => undefined,
      },
      layers: {
        prepare: async (id, parent) => this.#prepare(id, parent),
        mount: (id) => this.#mount(id),
        unmount: (id) => this.#unmount(id),
        commit: async (id, _signal, onto) => this.#commit(id, onto),
        rebase: async (layer, parent) => this.#rebase(layer, parent),
        export: async function* (id) {
          const folder = join(snapshots.get(id)!.folder, "merged");
          yield spawnSync("tar", ["-C", folder, "-c", "."]).stdout;
        },
        remove: async (id) => this.#remove(id),
        discard: (folder) => rmSync(folder, { recursive: true, force: true }),
      },
      runner: { run: (request) => this.#run(request) },
      containers: {
        keep: async (command) => void this.containers.set(command.id, command),
        has: (id) => this.containers.has(id),
      },
      git: gitClient(),
      cacheLimit: 0,
      announcePrune: () => undefined,
    };
  }

  #prepare(id: string, parent: Digest | undefined) {
    const folder = join(this.folder, "snapshots", id);
    for (const name of ["upper", "work", "merged"]) mkdirSync(join(folder, name), { recursive: true });
    this.snapshots.set(id, { folder, parent, mounted: false });
    return { upper: join(folder, "upper") };
  }

  #mount(id: string): string {
    const snapshot = this.snapshots.get(id)!;
    const empty = join(this.folder, "empty");
    mkdirSync(empty, { recursive: true });
    const lower = snapshot.parent === undefined ? [empty] : this.#layers.get(snapshot.parent)!;
    const { folder } = snapshot;
    const data = `lowerdir=${lower.join(":")},upperdir=${folder}/upper,workdir=${folder}/work`;
    this.#kernel.mounts.mount({ source: "overlay", target: `${folder}/merged`, type: "overlay", data });
    snapshot.mounted = true;
    return `${folder}/merged`;
  }

  #unmount(id: string): boolean {
    const snapshot = this.snapshots.get(id)!;
    if (!snapshot.mounted) return false;
    this.#kernel.mounts.unmount(`${snapshot.folder}/merged`);
    snapshot.mounted = false;
    return true;
  }

  #commit(id: string, onto: Digest | undefined) {
    const { folder, parent = onto } = this.snapshots.get(id)!;
    const isEmpty = readdirSync(`${folder}/upper`).length === 0;
    const diffId: Digest = isEmpty ? EMPTY_LAYER : `sha256:${randomBytes(32).toString("hex")}`;
    const chainId = chainIdAbove(parent, diffId);
    const layer = join(this.folder, "layers", chainId.slice(7, 27));
    mkdirSync(join(this.folder, "layers"), { recursive: true });
    renameSync(`${folder}/upper`, layer);
    this.#layers.set(chainId, [layer, ...(parent ? this.#layers.get(parent)! : [])]);
    this.#diffIds.set(chainId, diffId);
    return { diffId, chainId, size: 0 };
  }

  #rebase(layer: Digest, parent: Digest | undefined) {
    const diffId = this.#diffIds.get(layer)!;
    const chainId = chainIdAbove(parent, diffId);
    this.#layers.set(chainId, [this.#layers.get(layer)![0]!, ...(parent ? this.#layers.get(parent)! : [])]);
    return { diffId, chainId, size: 0 };
  }

  #remove(id: string): void {
    this.#unmount(id);
    rmSync(this.snapshots.get(id)!.folder, { recursive: true });
    this.snapshots.delete(id);
  }

  /** Runs the command in a chroot: enough of a container for what the builder itself decides. */
  #run(request: RunRequest): Promise<{ readonly exitCode: number }> {
    this.commands.push(request);
    const { rootfs, args, cwd, env, signal, onOutput } = request;
    const binds = request.mounts.flatMap((mount) =>
      mount.type === "tmpfs" ? [] : [{ target: mount.target, source: this.#sourceOf(mount) }],
    );
    for (const { source, target } of binds) {
      mkdirSync(join(rootfs, target, statSync(source).isFile() ? ".." : ""), { recursive: true });
      if (statSync(source).isFile()) writeFileSync(join(rootfs, target), "", { flag: "a" });
      this.#kernel.mounts.mount({ source, target: join(rootfs, target), flags: ["bind"] });
    }
    const { promise, resolve, reject } = Promise.withResolvers<{ readonly exitCode: number }>();
    const child = spawn("/usr/sbin/chroot", [rootfs, "/bin/sh", "-c", 'cd "$0" && exec "$@"', cwd, ...args], {
      env: Object.fromEntries(env.map((entry) => entry.split(/=(.*)/s, 2) as [string, string])),
    });
    child.stdout.on("data", (data) => onOutput("stdout", data));
    child.stderr.on("data", (data) => onOutput("stderr", data));
    const kill = () => child.kill("SIGKILL");
    signal.addEventListener("abort", kill, { once: true });
    child.on("error", reject);
    child.on("close", (code) => {
      signal.removeEventListener("abort", kill);
      for (const { target } of binds.toReversed()) this.#kernel.mounts.unmount(join(rootfs, target));
      resolve({ exitCode: code ?? 137 });
    });
    return promise;
  }

  #sourceOf(mount: Exclude<RunRequest["mounts"][number], { readonly type: "tmpfs" }>): string {
    if (mount.type !== "secret") return mount.source;
    const path = join(this.folder, `secret-${randomBytes(4).toString("hex")}`);
    writeFileSync(path, mount.content);
    return path;
  }

  /** Builds and gathers what the client would see. */
  async build(
    files: Readonly<Record<string, ContextFile>>,
    change: Partial<BuildRequest> = {},
    signal = new AbortController().signal,
  ) {
    const lines: string[] = [];
    const request = { ...requestOf(await contextTar(files)), ...change };
    const ids: string[] = [];
    for await (const { stream, aux } of createBuilder(this.parts()).build(request, signal)) {
      if (stream !== undefined) lines.push(stream);
      if (aux) ids.push(aux.ID);
    }
    const id = ids.at(-1) ?? "";
    return { output: lines.join(""), ids, id, image: this.images.get(id)! };
  }

  close(): void {
    this.#database.close();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

export type ContextFile = string | Uint8Array | (Partial<Header> & { readonly data?: string });

export async function contextTar(files: Readonly<Record<string, ContextFile>>): Promise<Buffer> {
  const archive = pack();
  for (const [name, file] of Object.entries(files)) {
    const isPlain = typeof file === "string" || file instanceof Uint8Array;
    const { data, ...header } = isPlain ? { data: file } : file;
    archive.entry({ name, ...header }, typeof data === "string" ? data : Buffer.from(data ?? []));
  }
  archive.finalize();
  return Buffer.concat(await Array.fromAsync(archive as AsyncIterable<Uint8Array>));
}

const requestOf = (context: Uint8Array): BuildRequest => ({
  context: Readable.from([context]),
  dockerfile: "Dockerfile",
  tags: [],
  remote: "",
  target: "",
  buildArgs: {},
  labels: {},
  noCache: false,
  pull: false,
  quiet: false,
  platform: "",
  networkMode: "default",
  extraHosts: [],
  shmSize: 0,
  memory: 0,
  memorySwap: 0,
  cpuShares: 0,
  cpuPeriod: 0,
  cpuQuota: 0,
  cpusetCpus: "",
  cpusetMems: "",
  cgroupParent: "",
  ulimits: [],
  removeIntermediate: true,
  cacheFrom: [],
  auth: undefined,
});
