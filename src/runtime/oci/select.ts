import { existsSync } from "node:fs";
import { join } from "node:path";
import { invalidParameter, unavailable } from "../../base/errors.ts";
import type { CgroupMode, Children } from "../../kernel/index.ts";
import type { RuntimeChoice } from "../runtime.ts";
import { crunRuntime } from "./crun.ts";
import { genericRuntime } from "./generic.ts";
import { hybridShim, SHIMLESS } from "./hybrid.ts";
import type { OciRuntime } from "./oci-runtime.ts";
import { run } from "./run.ts";

/** `runtimes` of daemon.json: name to path and arguments. */
export type ConfiguredRuntimes = Readonly<
  Record<string, { readonly path: string; readonly runtimeArgs?: readonly string[] }>
>;

export interface SelectOptions {
  readonly configured: ConfiguredRuntimes;
  readonly defaultName: string | undefined;
  readonly cgroupMode: CgroupMode;
  /** Folder under which each runtime gets its state folder. */
  readonly states: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly children: Pick<Children, "sealedCopy">;
}

export interface Runtimes {
  /** The default first. */
  readonly all: readonly OciRuntime[];
  /** Docker's words for an unknown name. */
  choose(name: string | undefined): OciRuntime;
  /** The runtime a container was created with, also when it is no longer configured. */
  restore(choice: RuntimeChoice): OciRuntime;
}

const FOLDERS = ["/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin"];
/** Docker's names for the runtime it ships with; clients and compose files name them. */
const RUNC_ALIASES = ["runc", "io.containerd.runc.v2"];

function locate(path: string): string | undefined {
  if (path.startsWith("/")) return existsSync(path) ? path : undefined;
  return FOLDERS.map((folder) => join(folder, path)).find((candidate) => existsSync(candidate));
}

/** Finds out by its version text what a configured program is; undefined when it cannot be run. */
async function isCrunByVersion(file: string, options: SelectOptions): Promise<boolean | undefined> {
  const { code, stdout } = await run([file, "--version"], options.environment);
  return code === 0 ? stdout.startsWith("crun version") : undefined;
}

/** How a program must be called on this host; undefined when it cannot be. */
async function probe(name: string, path: string, args: readonly string[], options: SelectOptions) {
  const file = locate(path);
  if (!file) return undefined;
  // Debian's own are known by their names: asking each for its version would double the time to open the room.
  const isCrun = CANDIDATES[name]?.path === path ? name === "crun" : await isCrunByVersion(file, options);
  const shim = isCrun && options.cgroupMode === "hybrid" ? hybridShim() : [];
  if (isCrun === undefined || !shim) return undefined;
  const plain = [file, ...args];
  const choice = shim.length > 0 ? { exec: [...plain, ...SHIMLESS] } : {};
  return make({ name, command: [...shim, ...plain], ...choice }, isCrun, options, file);
}

function make(choice: RuntimeChoice, isCrun: boolean, options: SelectOptions, program?: string): OciRuntime {
  const state = join(options.states, choice.name);
  const { environment, children } = options;
  return isCrun
    ? crunRuntime(choice, state, environment, { program, children })
    : genericRuntime(choice, state, environment);
}

const CANDIDATES: ConfiguredRuntimes = { crun: { path: "crun" }, runc: { path: "runc" } };

/** The runtimes that work on this host. Refuses to go on without any, or without the one that was named default. */
export async function selectRuntimes(options: SelectOptions): Promise<Runtimes> {
  const wanted = Object.entries({ ...CANDIDATES, ...options.configured });
  const probed = await Promise.all(
    wanted.map(([name, { path, runtimeArgs }]) => probe(name, path, runtimeArgs ?? [], options)),
  );
  const working = probed.filter((runtime) => runtime !== undefined);
  const broken = new Map(Object.entries(options.configured));
  for (const { choice } of working) broken.delete(choice.name);
  const preferred = options.defaultName
    ? working.find((runtime) => runtime.choice.name === options.defaultName)
    : working[0];
  if (!preferred) throw noRuntime(options.defaultName);
  const all = [preferred, ...working.filter((runtime) => runtime !== preferred)];
  return {
    all,
    choose: (name) => chooseFrom(all, broken, name),
    restore: (choice) => restoreFrom(all, choice, options),
  };
}

function noRuntime(name: string | undefined) {
  return name
    ? invalidParameter(
        `the default runtime "${name}" cannot be run on this host: check "runtimes" in daemon.json`,
      )
    : unavailable("no OCI runtime works on this host: install crun or runc");
}

function chooseFrom(
  all: readonly OciRuntime[],
  broken: ReadonlyMap<string, { readonly path: string }>,
  name: string | undefined,
): OciRuntime {
  const found = name ? all.find((runtime) => runtime.choice.name === name) : all[0];
  const configured = name === undefined ? undefined : broken.get(name);
  if (!found && configured) throw invalidParameter(`runtime ${name}: ${whyNot(configured.path)}`);
  const chosen = found ?? (name && RUNC_ALIASES.includes(name) ? all[0] : undefined);
  if (!chosen) throw invalidParameter(`unknown or invalid runtime name: ${name}`);
  return chosen;
}

const whyNot = (path: string): string =>
  locate(path) ? `${path} --version fails` : `${path}: no such file or directory`;

function restoreFrom(all: readonly OciRuntime[], choice: RuntimeChoice, options: SelectOptions): OciRuntime {
  const same = all.find((runtime) => runtime.choice.name === choice.name);
  return same ?? make(choice, choice.name === "crun", options);
}
