import { copyFileSync, existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { type Logger, silentLogger } from "../../base/log.ts";
import { createTracer } from "../../base/trace.ts";
import { type Kernel, linuxKernel } from "../../kernel/index.ts";
import { openRuntime } from "../open.ts";
import type { CreateProcess, Exit, LogEntry, Runtime, Stdio } from "../runtime.ts";
import { buildSpec } from "../spec/build.ts";
import { deviceLookup } from "../spec/device-lookup.ts";
import type { SpecInput } from "../spec/input.ts";
import { specInput } from "./spec-input.ts";

const BUSYBOX = ["/bin/busybox", "/usr/bin/busybox"];
const APPLETS = [
  "sh",
  "cat",
  "echo",
  "true",
  "sleep",
  "stty",
  "env",
  "id",
  "ls",
  "grep",
  "head",
  "tail",
  "dd",
  "kill",
  "mount",
  "hostname",
  "touch",
  "wc",
  "seq",
  "yes",
  "nproc",
  "ps",
];

/** Room for one test file on this machine: a runtime with its own exec root and cgroup parent, and a small rootfs. */
export class Host implements AsyncDisposable {
  readonly folder: string;
  readonly rootfs: string;
  readonly cgroupParent: string;
  readonly kernel: Kernel = linuxKernel();
  readonly #runtimes: Runtime[] = [];
  #next = 0;

  constructor() {
    this.folder = mkdtempSync("/dev/shm/wharf-runtime-");
    this.cgroupParent = `/${this.folder.slice("/dev/shm/".length)}`;
    this.rootfs = join(this.folder, "rootfs");
    makeRootfs(this.rootfs);
  }

  get execRoot(): string {
    return join(this.folder, "exec");
  }

  newId(): string {
    this.#next += 1;
    return `c${this.#next}`;
  }

  /** A further one on the same exec root is what an engine started anew has. */
  async open(defaultRuntime?: string, log: Logger = silentLogger): Promise<Runtime> {
    const { execRoot, kernel, cgroupParent } = this;
    const trace = createTracer(undefined);
    const runtime = await openRuntime({ execRoot, kernel, cgroupParent, defaultRuntime, log, trace });
    this.#runtimes.push(runtime);
    return runtime;
  }

  input(id: string, change: Partial<SpecInput> = {}): SpecInput {
    return specInput(this.kernel, {
      id,
      rootfs: this.rootfs,
      cgroupPath: join(this.cgroupParent, id),
      ...change,
    });
  }

  request(
    runtime: Runtime,
    script: string | readonly string[],
    options: Partial<CreateProcess> & { readonly input?: Partial<SpecInput> } = {},
  ): CreateProcess & { readonly logPath: string } {
    const id = options.id ?? this.newId();
    const args = typeof script === "string" ? ["/bin/sh", "-c", script] : script;
    const { input: change, ...rest } = options;
    const input = this.input(id, { args, process: { Tty: options.tty ?? false }, ...change });
    return {
      id,
      runtime: runtime.choose(undefined),
      spec: buildSpec(input, deviceLookup()),
      tty: false,
      stdin: false,
      stdinOnce: false,
      logPath: join(this.folder, `${id}.log`),
      ...rest,
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const last = this.#runtimes.at(-1);
    for (const id of (await last?.traces()) ?? []) await last?.remove(id);
    for (const runtime of this.#runtimes) await runtime.close();
    await this.kernel.cgroups.remove(this.cgroupParent);
    await this.kernel.packetSockets.close();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

function makeRootfs(folder: string): void {
  for (const name of ["bin", "sbin", "dev", "etc", "proc", "sys", "tmp", "root"]) {
    mkdirSync(join(folder, name), { recursive: true });
  }
  const busybox = BUSYBOX.find((path) => existsSync(path));
  if (!busybox) throw new Error("these tests need a static busybox: install busybox-static");
  copyFileSync(busybox, join(folder, "bin/busybox"));
  for (const name of APPLETS) symlinkSync("busybox", join(folder, "bin", name));
}

/** Resolves with each container's end; to be made before the container starts. */
export class Exits {
  readonly #waiting = new Map<string, PromiseWithResolvers<Exit>>();
  readonly seen: string[] = [];

  constructor(runtime: Runtime) {
    runtime.onExit((id, exit) => {
      this.seen.push(id);
      this.#slot(id).resolve(exit);
    });
  }

  of(id: string): Promise<Exit> {
    return this.#slot(id).promise;
  }

  #slot(id: string): PromiseWithResolvers<Exit> {
    const slot = this.#waiting.get(id) ?? Promise.withResolvers<Exit>();
    this.#waiting.set(id, slot);
    return slot;
  }
}

export interface Collected {
  readonly stdout: string;
  readonly stderr: string;
}

/** All output until it ends. */
export async function collect(stdio: Stdio): Promise<Collected> {
  const parts = { stdout: [] as Uint8Array[], stderr: [] as Uint8Array[] };
  for await (const { stream, data } of stdio.output()) parts[stream].push(data);
  return { stdout: Buffer.concat(parts.stdout).toString(), stderr: Buffer.concat(parts.stderr).toString() };
}

export async function allOf(batches: AsyncIterable<readonly LogEntry[]>): Promise<readonly string[]> {
  const lines: string[] = [];
  for await (const entries of batches)
    for (const { stream, data } of entries) lines.push(`${stream} ${Buffer.from(data).toString()}`);
  return lines;
}
