import { spawn } from "node:child_process";
import { accessSync, constants, existsSync, readdirSync, readFileSync, statfsSync, statSync } from "node:fs";
import { release } from "node:os";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";

/** What a program wrote, and how it ended. */
export interface Ran {
  readonly code: number | null;
  readonly output: string;
}

export interface FilesystemFacts {
  /** statfs(2): f_type. */
  readonly type: number;
  /** Bytes that others than root may take, and bytes in all. */
  readonly free: number;
  readonly size: number;
  readonly freeInodes: number;
  readonly inodes: number;
}

/** The machine as the checks see it. They ask for nothing else, so that they can be tried on any machine one can describe. */
export interface Machine {
  readonly root: boolean;
  /** As uname(2) gives it: "6.1.0-13-amd64". */
  readonly release: string;
  /** Node's name of the processor: "x64". */
  readonly arch: string;
  /** Undefined for what is not there; "denied" for what may not be read. */
  read(path: string): { readonly text: string } | "denied" | undefined;
  /** Names in a folder; none where it cannot be read. */
  list(path: string): readonly string[];
  exists(path: string): boolean;
  /** Permission bits and owner; undefined where there is nothing. */
  stat(path: string): { readonly mode: number; readonly uid: number; readonly gid: number } | undefined;
  filesystem(path: string): FilesystemFacts | undefined;
  /** Where a program is: in PATH, or (for others than root, whose PATH may lack them) the folders of system programs. */
  find(program: string): string | undefined;
  /** Where the engine looks for its monitor and OCI runtimes, whatever PATH is. */
  findForEngine(program: string): string | undefined;
  run(command: string, args: readonly string[]): Promise<Ran | undefined>;
  /** The kernel's build options; undefined where none can be read. */
  readonly kernelConfig: ReadonlyMap<string, string> | undefined;
}

const SYSTEM = ["/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin"];
/** As src/runtime/open.ts looks for conmon. */
const MONITORS = ["/usr/libexec/podman"];
/** For a program's version, ms. */
const PATIENCE = 5000;

export function thisMachine(env: NodeJS.ProcessEnv): Machine {
  const root = process.getuid?.() === 0;
  const path = (env["PATH"] ?? "").split(":").filter(Boolean);
  let config: ReadonlyMap<string, string> | undefined | null = null;
  return {
    root,
    release: release(),
    arch: process.arch,
    read,
    list: (folder) => quietly(() => readdirSync(folder)) ?? [],
    exists: existsSync,
    stat: (file) => quietly(() => statSync(file)),
    filesystem,
    find: (program) => programIn(root ? path : [...path, ...SYSTEM], program),
    findForEngine: (program) => programIn([...MONITORS, ...SYSTEM], program),
    run,
    get kernelConfig() {
      if (config === null) config = readKernelConfig();
      return config;
    },
  };
}

/** Undefined when the machine says no: each check says what it could not see. */
function quietly<T>(body: () => T): T | undefined {
  try {
    return body();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === undefined) throw error;
    return undefined;
  }
}

function read(path: string): ReturnType<Machine["read"]> {
  try {
    return { text: readFileSync(path, "utf8") };
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === undefined) throw error;
    return code === "EACCES" || code === "EPERM" ? "denied" : undefined;
  }
}

function filesystem(path: string): FilesystemFacts | undefined {
  const found = quietly(() => statfsSync(path));
  if (!found) return undefined;
  const { type, bsize, bavail, blocks, ffree, files } = found;
  return { type, free: bavail * bsize, size: blocks * bsize, freeInodes: ffree, inodes: files };
}

const programIn = (folders: readonly string[], program: string): string | undefined =>
  folders
    .map((folder) => join(folder, program))
    .find((place) => quietly(() => accessSync(place, constants.X_OK) ?? true));

/** Undefined when it cannot be run. */
function run(command: string, args: readonly string[]): Promise<Ran | undefined> {
  return new Promise((resolve) => {
    const child = spawn(command, args, { stdio: ["ignore", "pipe", "pipe"], timeout: PATIENCE });
    let output = "";
    const take = (chunk: Buffer) => {
      output += chunk.toString();
    };
    child.stdout.on("data", take);
    child.stderr.on("data", take);
    child.on("error", () => resolve(undefined));
    child.on("close", (code) => resolve({ code, output }));
  });
}

function readKernelConfig(): ReadonlyMap<string, string> | undefined {
  const packed = quietly(() => gunzipSync(readFileSync("/proc/config.gz")).toString());
  const places = [`/boot/config-${release()}`, `/lib/modules/${release()}/config`];
  const text = packed ?? places.map((place) => quietly(() => readFileSync(place, "utf8"))).find(Boolean);
  return text === undefined ? undefined : parseKernelConfig(text);
}

/** Lines of "CONFIG_X=y". Pure. */
export const parseKernelConfig = (text: string): ReadonlyMap<string, string> =>
  new Map([...text.matchAll(/^CONFIG_(\w+)=(.*)$/gm)].map(([, name = "", value = ""]) => [name, value]));

/** The text of a file, trimmed; undefined where it is not there or may not be read. */
export function textOf(machine: Machine, path: string): string | undefined {
  const found = machine.read(path);
  return found === undefined || found === "denied" ? undefined : found.text.trim();
}
