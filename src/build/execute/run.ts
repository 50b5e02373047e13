import { createHash } from "node:crypto";
import { chownSync } from "node:fs";
import { chmod, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { KeyedQueue } from "../../base/async.ts";
import { invalidParameter, notImplemented } from "../../base/errors.ts";
import { newId } from "../../base/ids.ts";
import { cleanPath } from "../context/index.ts";
import { CommandFailed } from "../errors.ts";
import type { RunAction } from "../plan/index.ts";
import type { BuilderParts, RunLimits, RunMount } from "../ports.ts";
import type { Emit } from "./events.ts";
import { watchMountStubs } from "./mount-stubs.ts";
import { RootFolder } from "./root-folder.ts";
import { RootWriter } from "./root-writer.ts";

type Mounted = RunAction["mounts"][number];

export interface RunOptions {
  readonly stage: number;
  readonly rootfs: string;
  readonly limits: RunLimits;
  readonly networkName: string;
  readonly extraHosts: readonly string[];
  /** A folder for files this step needs; deleted with the build. */
  readonly scratch: string;
  readonly signal: AbortSignal;
  readonly emit: Emit;
  /** One step at a time uses a cache mount that is locked or private. */
  readonly cacheUsers: KeyedQueue;
  /** Makes the source of a bind mount a folder on this machine, which stays as long as `keep` is not disposed. */
  readonly sourceFolder: (source: Mounted["source"], keep: AsyncDisposableStack) => Promise<string>;
}

/** Runs a RUN's command on a mounted root filesystem. Throws CommandFailed when it ends with another code than 0. */
export async function runCommand(parts: BuilderParts, action: RunAction, options: RunOptions): Promise<void> {
  const locked = action.mounts.flatMap(({ mount }) =>
    mount.type === "cache" && mount.sharing !== "shared" ? [mount.id] : [],
  );
  const body = () => runWithMounts(parts, action, options);
  // Always taken in the same order, so that two steps cannot wait for each other.
  await [...new Set(locked)]
    .sort()
    .reduceRight<() => Promise<void>>((inner, id) => () => options.cacheUsers.run(id, inner), body)();
}

async function runWithMounts(parts: BuilderParts, action: RunAction, options: RunOptions): Promise<void> {
  await using keep = new AsyncDisposableStack();
  using root = new RootFolder(parts.files, options.rootfs);
  new RootWriter(root).makeFolders(action.cwd);
  const mounts: RunMount[] = [];
  for (const mounted of action.mounts) mounts.push(await prepareMount(parts, mounted, options, keep));
  if (action.script) mounts.push(await prepareScript(action.script, options.scratch));
  const cleanStubs = watchMountStubs(
    root,
    mounts.map(({ target }) => target),
  );
  const id = newId();
  options.emit({ type: "running", stage: options.stage, container: id });
  const { exitCode } = await parts.runner.run({
    id,
    rootfs: options.rootfs,
    args: action.args,
    env: [...action.env, ...action.proxies],
    cwd: action.cwd,
    user: action.user,
    network: action.network,
    networkName: action.network === "default" ? options.networkName : "",
    insecure: action.insecure,
    mounts,
    limits: options.limits,
    extraHosts: options.extraHosts,
    signal: options.signal,
    onOutput: outputOf(options),
  });
  options.signal.throwIfAborted();
  options.emit({ type: "removed", stage: options.stage, container: id });
  if (exitCode !== 0) throw new CommandFailed(action.args.join(" "), exitCode);
  cleanStubs();
}

/** Turns bytes into text, characters cut by a chunk's end put together again. */
function outputOf({ emit, stage }: RunOptions) {
  const decoders = { stdout: new TextDecoder(), stderr: new TextDecoder() };
  return (stream: "stdout" | "stderr", data: Uint8Array) => {
    const text = decoders[stream].decode(data, { stream: true });
    return text ? emit({ type: "output", stage, stream, text }) : undefined;
  };
}

async function prepareMount(
  parts: BuilderParts,
  { mount, source }: Mounted,
  options: RunOptions,
  keep: AsyncDisposableStack,
): Promise<RunMount> {
  if (mount.type === "tmpfs") return { type: "tmpfs", target: mount.target, size: mount.size };
  if (mount.type === "cache") {
    if (mount.from !== undefined)
      throw notImplemented(
        `a cache mount with from=${mount.from} is not available: fill the cache in the command`,
      );
    const folder = await cacheFolder(parts.root, mount);
    return { type: "bind", source: folder, target: mount.target, readOnly: mount.readOnly };
  }
  const folder = await options.sourceFolder(source, keep);
  using tree = new RootFolder(parts.files, folder);
  const inside = tree.resolve(cleanPath(mount.source));
  if (inside === undefined)
    throw invalidParameter(`the source of a bind mount was not found: ${mount.source}`);
  return { type: "bind", source: tree.hostPath(inside), target: mount.target, readOnly: mount.readOnly };
}

/** The folder of a cache mount; it outlives builds. A new one gets the mount's mode and owner. */
async function cacheFolder(
  root: string,
  mount: Extract<Mounted["mount"], { type: "cache" }>,
): Promise<string> {
  const name = createHash("sha256").update(mount.id).digest("hex");
  const folder = join(root, "cache-mounts", name);
  const made = await mkdir(folder, { recursive: true });
  if (made !== undefined) {
    chownSync(folder, mount.uid, mount.gid);
    await chmod(folder, mount.mode);
  }
  return folder;
}

async function prepareScript(script: NonNullable<RunAction["script"]>, scratch: string): Promise<RunMount> {
  await mkdir(scratch, { recursive: true, mode: 0o700 });
  const path = join(scratch, `script-${newId().slice(0, 12)}`);
  await writeFile(path, script.content, { mode: 0o755, flag: "wx" });
  await chmod(path, 0o755);
  return { type: "bind", source: path, target: script.path, readOnly: true };
}
