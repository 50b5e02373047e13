import { chmod, cp, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { invalidParameter } from "../../base/errors.ts";
import { newId } from "../../base/ids.ts";
import { cleanPath } from "../context/index.ts";
import type { RunAction } from "../plan/index.ts";
import type { BuilderParts, EndedCommand, RunLimits, RunMount } from "../ports.ts";
import type { CacheMounts } from "./cache-mounts.ts";
import type { Confidential } from "./confidential.ts";
import type { Emit } from "./events.ts";
import { watchMountStubs } from "./mount-stubs.ts";
import { RootFolder } from "./root-folder.ts";
import { RootWriter } from "./root-writer.ts";

type Mounted = RunAction["mounts"][number];
type Of<T extends Mounted["mount"]["type"]> = Extract<Mounted["mount"], { readonly type: T }>;

export interface RunOptions {
  readonly stage: number;
  /** The container's id. */
  readonly container: string;
  readonly rootfs: string;
  readonly limits: RunLimits;
  readonly networkName: string;
  readonly extraHosts: readonly string[];
  /** A folder for files this step needs; deleted with the build. */
  readonly scratch: string;
  readonly signal: AbortSignal;
  readonly emit: Emit;
  readonly cacheMounts: CacheMounts;
  readonly confidential: Confidential;
  /** Makes the source of a mount a folder on this machine, which stays as long as `keep` is not disposed. */
  readonly sourceFolder: (source: Mounted["source"], keep: AsyncDisposableStack) => Promise<string>;
}

/** What a command was given besides its files. */
interface Given {
  readonly mounts: RunMount[];
  readonly env: string[];
}

/** Runs a RUN's command on a mounted root filesystem to its end, which may be a failure of the command. */
export async function runCommand(
  parts: BuilderParts,
  action: RunAction,
  options: RunOptions,
): Promise<Omit<EndedCommand, "image" | "labels">> {
  await using keep = new AsyncDisposableStack();
  using root = new RootFolder(parts.files, options.rootfs);
  new RootWriter(root).makeFolders(action.cwd);
  const { mounts, env } = await prepareMounts(parts, action, options, keep);
  const cleanStubs = watchMountStubs(
    root,
    mounts.map(({ target }) => target),
  );
  const command = {
    id: options.container,
    args: action.args,
    cwd: action.cwd,
    user: action.user,
    network: action.network,
    networkName: action.network === "default" ? options.networkName : "",
    limits: options.limits,
  };
  options.emit({ type: "running", stage: options.stage, container: command.id });
  const startedAt = Date.now();
  const { exitCode } = await parts.runner.run({
    ...command,
    rootfs: options.rootfs,
    env: [...action.env, ...action.proxies, ...env],
    insecure: action.insecure,
    mounts,
    extraHosts: options.extraHosts,
    signal: options.signal,
    onOutput: outputOf(options),
  });
  options.signal.throwIfAborted();
  if (exitCode === 0) {
    options.emit({ type: "removed", stage: options.stage, container: command.id });
    cleanStubs();
  }
  return { ...command, env: action.env, exitCode, startedAt, finishedAt: Date.now() };
}

async function prepareMounts(
  parts: BuilderParts,
  action: RunAction,
  options: RunOptions,
  keep: AsyncDisposableStack,
): Promise<Given> {
  const given: Given = { mounts: [], env: [] };
  const caches = await takeCaches(parts, action, options, keep);
  for (const { mount, source } of action.mounts) {
    const folder = mount.type === "cache" ? caches.get(mount.id) : undefined;
    if (mount.type === "tmpfs") given.mounts.push({ type: "tmpfs", target: mount.target, size: mount.size });
    else if (mount.type === "secret") giveSecret(mount, options.confidential, given);
    else if (mount.type === "ssh") giveAgent(mount, options.confidential, given);
    else if (mount.type === "bind") given.mounts.push(await bindMount(parts, mount, source, options, keep));
    else if (folder)
      given.mounts.push({ type: "bind", source: folder, target: mount.target, readOnly: mount.readOnly });
  }
  if (action.script) given.mounts.push(await prepareScript(action.script, options.scratch));
  return given;
}

/** Folders of the cache mounts by id, always taken in the same order. */
async function takeCaches(
  parts: BuilderParts,
  { mounts }: RunAction,
  { cacheMounts, sourceFolder }: RunOptions,
  keep: AsyncDisposableStack,
): Promise<ReadonlyMap<string, string>> {
  const wanted = new Map(
    mounts.flatMap(({ mount, source }) => (mount.type === "cache" ? [[mount.id, { mount, source }]] : [])),
  );
  const folders = new Map<string, string>();
  for (const [id, { mount, source }] of [...wanted].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const fill = async (folder: string) => {
      if (mount.from !== undefined)
        await copyFolder(parts, await sourceFolder(source, keep), mount.source, folder);
    };
    folders.set(id, await cacheMounts.take(mount, keep, fill));
  }
  return folders;
}

/** A new cache mount begins with what is in its source. */
async function copyFolder({ files }: BuilderParts, from: string, path: string, to: string): Promise<void> {
  using tree = new RootFolder(files, from);
  const inside = tree.resolve(cleanPath(path));
  if (inside === undefined || !tree.isFolder(inside))
    throw invalidParameter(`the source of a cache mount is not a folder: ${path}`);
  await cp(tree.hostPath(inside), to, { recursive: true, verbatimSymlinks: true, preserveTimestamps: true });
}

function giveSecret(mount: Of<"secret">, { secrets }: Confidential, given: Given): void {
  if (secrets === undefined) {
    throw invalidParameter(
      `secret ${mount.id} cannot be given: this API has no way to hand over secrets, build with wharf build --secret id=${mount.id},...`,
    );
  }
  const content = secrets.get(mount.id);
  if (content === undefined) {
    if (mount.required) throw invalidParameter(`secret ${mount.id}: not found`);
    return;
  }
  const { target, mode, uid, gid, env } = mount;
  if (target !== undefined) given.mounts.push({ type: "secret", content, target, mode, uid, gid });
  if (env !== undefined) given.env.push(`${env}=${Buffer.from(content).toString("utf8")}`);
}

function giveAgent(mount: Of<"ssh">, { sshAgents }: Confidential, given: Given): void {
  if (sshAgents === undefined) {
    throw invalidParameter(
      "an SSH agent cannot be given: this API has no way to hand one over, build with wharf build --ssh default",
    );
  }
  const source = sshAgents.get(mount.id);
  if (source === undefined) {
    if (mount.required)
      throw invalidParameter(`no SSH key ${JSON.stringify(mount.id)} forwarded from the client`);
    return;
  }
  const count = given.env.filter((entry) => entry.startsWith("SSH_AUTH_SOCK=")).length;
  const target = mount.target ?? `/run/buildkit/ssh_agent.${count}`;
  const { mode, uid, gid } = mount;
  given.mounts.push({ type: "socket", source, target, mode, uid, gid });
  if (count === 0) given.env.push(`SSH_AUTH_SOCK=${target}`);
}

/** Turns bytes into text, characters cut by a chunk's end put together again. */
function outputOf({ emit, stage }: RunOptions) {
  const decoders = { stdout: new TextDecoder(), stderr: new TextDecoder() };
  return (stream: "stdout" | "stderr", data: Uint8Array) => {
    const text = decoders[stream].decode(data, { stream: true });
    return text ? emit({ type: "output", stage, stream, text }) : undefined;
  };
}

async function bindMount(
  parts: BuilderParts,
  mount: Of<"bind">,
  source: Mounted["source"],
  options: RunOptions,
  keep: AsyncDisposableStack,
): Promise<RunMount> {
  const folder = await options.sourceFolder(source, keep);
  using tree = new RootFolder(parts.files, folder);
  const inside = tree.resolve(cleanPath(mount.source));
  if (inside === undefined)
    throw invalidParameter(`the source of a bind mount was not found: ${mount.source}`);
  return { type: "bind", source: tree.hostPath(inside), target: mount.target, readOnly: mount.readOnly };
}

async function prepareScript(script: NonNullable<RunAction["script"]>, scratch: string): Promise<RunMount> {
  await mkdir(scratch, { recursive: true, mode: 0o700 });
  const path = join(scratch, `script-${newId().slice(0, 12)}`);
  await writeFile(path, script.content, { mode: 0o755, flag: "wx" });
  await chmod(path, 0o755);
  return { type: "bind", source: path, target: script.path, readOnly: true };
}
