import { statSync } from "node:fs";
import { chmod, chown, mkdir, rm, writeFile } from "node:fs/promises";
import { join, posix } from "node:path";
import { orAborted } from "../base/async.ts";
import { cancelled, conflict } from "../base/errors.ts";
import { newId, shortId } from "../base/ids.ts";
import type { CommandRunner, RunLimits, RunRequest } from "../build/index.ts";
import { type ResolvedUser, type RootfsFiles, resolveUser } from "../engine/index.ts";
import type { Networks, Sandbox, SandboxRequest } from "../network/index.ts";
import type {
  BindMount,
  Exit,
  HostDocument,
  HostInfo,
  OciSpec,
  Runtime,
  SpecInput,
} from "../runtime/index.ts";
import { relaySocket } from "./socket-relay.ts";

export interface RunnerParts {
  readonly runtime: Runtime;
  readonly networks: Networks;
  readonly rootfs: RootfsFiles;
  readonly buildSpec: (input: SpecInput) => OciSpec;
  readonly hostInfo: HostInfo;
  readonly cgroupParent: string;
  /** Of every command; undefined: private where there are only v2 cgroups, as for containers. */
  readonly cgroupnsMode: "host" | "private" | undefined;
  /** Of the container with that name or id. Throws notFound. */
  readonly containerId: (name: string) => string;
  /** Folder for the hosts and resolv.conf files of steps that run now. */
  readonly folder: string;
  readonly defaultShmSize: number;
  readonly dns: SandboxRequest["dns"];
}

const CONTAINER = "container:";
const DEFAULT_PATH = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

function sandboxRequest(request: RunRequest, parts: RunnerParts): SandboxRequest {
  const named = request.networkName === "" ? "bridge" : request.networkName;
  return {
    containerId: request.id,
    containerName: `build-${shortId(request.id)}`,
    hostname: shortId(request.id),
    domainname: "",
    mode: request.network === "default" ? { networks: { [named]: {} } } : request.network,
    ports: [],
    dns: parts.dns,
    extraHosts: request.extraHosts,
    sysctls: {},
    filesFolder: join(parts.folder, request.id),
  };
}

/** What a build's request limits, in the words containers have for it. */
export const limitsDocument = (limits: RunLimits, defaultShmSize: number) => ({
  Memory: limits.memory,
  MemorySwap: limits.memorySwap,
  CpuShares: limits.cpuShares,
  CpuPeriod: limits.cpuPeriod,
  CpuQuota: limits.cpuQuota,
  CpusetCpus: limits.cpusetCpus,
  CpusetMems: limits.cpusetMems,
  Ulimits: limits.ulimits,
  ShmSize: limits.shmSize || defaultShmSize,
});

function hostOf(request: RunRequest, parts: RunnerParts): HostDocument {
  const tmpfs = request.mounts.flatMap((mount) =>
    mount.type === "tmpfs" ? [[mount.target, mount.size > 0 ? `size=${mount.size}` : ""] as const] : [],
  );
  return {
    ...limitsDocument(request.limits, parts.defaultShmSize),
    Privileged: request.insecure,
    Tmpfs: Object.fromEntries(tmpfs),
  };
}

/** Where a command runs: its network, and the files about it. */
interface Place {
  readonly network: "new" | "host" | { readonly path: string };
  readonly files: Pick<Sandbox["files"], "hosts" | "resolvConf">;
}

function mountsOf(
  request: RunRequest,
  { files }: Place,
  secrets: readonly BindMount[],
): readonly BindMount[] {
  const binds = request.mounts.flatMap((mount) =>
    mount.type === "bind"
      ? [
          {
            source: mount.source,
            destination: mount.target,
            readonly: mount.readOnly,
            // Nothing is mounted below a file, and crun takes "recursively read-only" for folders alone.
            nonRecursive: !statSync(mount.source).isDirectory(),
          },
        ]
      : [],
  );
  return [
    { source: files.hosts, destination: "/etc/hosts" },
    { source: files.resolvConf, destination: "/etc/resolv.conf" },
    ...binds,
    ...secrets,
  ];
}

/** Secrets as files in `folder`, which is in memory and goes with the command. */
async function writeSecrets({ mounts }: RunRequest, folder: string): Promise<readonly BindMount[]> {
  const binds: BindMount[] = [];
  for (const mount of mounts) {
    if (mount.type !== "secret") continue;
    const source = join(folder, `secret-${binds.length}`);
    await writeFile(source, mount.content, { mode: 0o400, flag: "wx" });
    await chown(source, mount.uid, mount.gid);
    await chmod(source, mount.mode);
    binds.push({ source, destination: mount.target, readonly: true, nonRecursive: true });
  }
  return binds;
}

/** Sockets that lead to agents, for as long as the command runs. */
async function relaySockets(
  { mounts }: RunRequest,
  folder: string,
  undo: AsyncDisposableStack,
): Promise<readonly BindMount[]> {
  const binds: BindMount[] = [];
  for (const mount of mounts) {
    if (mount.type !== "socket") continue;
    const { source: target, target: destination, mode, uid, gid } = mount;
    // Names of sockets are short.
    const path = join(folder, "..", `s-${newId().slice(0, 12)}`);
    undo.use(await relaySocket({ path, target, mode, uid, gid }));
    binds.push({ source: path, destination, nonRecursive: true });
  }
  return binds;
}

/** A command without network needs no more than the empty namespace its runtime makes. */
async function placeWithoutNetwork({ extraHosts }: RunRequest, folder: string): Promise<Place> {
  const files = { hosts: join(folder, "hosts"), resolvConf: join(folder, "resolv.conf") };
  const named = extraHosts.map((text) => {
    const at = text.search(/[:=]/);
    return `${text.slice(at + 1)}\t${text.slice(0, at)}\n`;
  });
  await writeFile(
    files.hosts,
    `127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost ip6-loopback\n${named.join("")}`,
  );
  await writeFile(files.resolvConf, "");
  return { network: "new", files };
}

/** PATH, HOSTNAME and HOME come first so that the image's own values win. */
function environmentOf(request: RunRequest, home: string): readonly string[] {
  const defaults = [DEFAULT_PATH, `HOSTNAME=${shortId(request.id)}`, `HOME=${home}`];
  const set = new Set(request.env.map((text) => text.split("=", 1)[0]));
  return [...defaults.filter((text) => !set.has(text.split("=", 1)[0])), ...request.env];
}

interface SpecParts {
  readonly user: ResolvedUser;
  readonly place: Place;
  readonly secrets: readonly BindMount[];
}

function specOf(request: RunRequest, { user, place, secrets }: SpecParts, parts: RunnerParts): OciSpec {
  const { limits } = request;
  const { cgroupnsMode = parts.hostInfo.cgroupMode === "v2" ? "private" : "host" } = parts;
  return parts.buildSpec({
    id: request.id,
    args: request.args,
    env: environmentOf(request, user.home),
    cwd: request.cwd || "/",
    user,
    process: { Hostname: shortId(request.id) },
    host: hostOf(request, parts),
    rootfs: request.rootfs,
    hostname: shortId(request.id),
    cgroupPath: posix.join("/", limits.cgroupParent || parts.cgroupParent, request.id),
    namespaces: {
      network: place.network,
      pid: "new",
      ipc: "new",
      uts: "new",
      cgroup: cgroupnsMode === "private" ? "new" : "host",
      user: "host",
    },
    mounts: mountsOf(request, place, secrets),
    hostInfo: parts.hostInfo,
  });
}

async function userOf(request: RunRequest, rootfs: RootfsFiles): Promise<ResolvedUser> {
  const text = async (path: string) =>
    Buffer.from((await rootfs.read(request.rootfs, path)) ?? []).toString();
  return resolveUser(request.user, [], await text("/etc/passwd"), await text("/etc/group"));
}

/** The network of a container that runs: its namespace, names and name servers. */
function placeOfContainer({ networkName }: RunRequest, { networks, containerId }: RunnerParts): Place {
  const name = networkName.slice(CONTAINER.length);
  const sandbox = networks.sandbox(containerId(name));
  if (!sandbox) throw conflict(`cannot join the network of the container ${name}: it is not running`);
  const { netns, files } = sandbox;
  return { network: netns === undefined ? "host" : { path: netns }, files };
}

async function placeOf(
  request: RunRequest,
  undo: AsyncDisposableStack,
  parts: RunnerParts,
  folder: string,
): Promise<Place> {
  if (request.network === "none") return placeWithoutNetwork(request, folder);
  if (request.networkName.startsWith(CONTAINER)) return placeOfContainer(request, parts);
  undo.defer(() => parts.networks.tearDown(request.id));
  const { netns, files } = await parts.networks.setUp(sandboxRequest(request, parts));
  return { network: netns === undefined ? "host" : { path: netns }, files };
}

/** Runs the commands of a build on the same path as containers: sandbox, spec, monitor, runtime. */
export function commandRunner(parts: RunnerParts): CommandRunner {
  const waiting = new Map<string, (exit: Exit) => void>();
  parts.runtime.onExit((id, exit) => waiting.get(id)?.(exit));

  const process = async (request: RunRequest, spec: OciSpec): Promise<Exit> => {
    const { id, signal } = request;
    const exited = Promise.withResolvers<Exit>();
    waiting.set(id, exited.resolve);
    try {
      await parts.runtime.create(
        { id, runtime: parts.runtime.choose(undefined), spec, tty: false, stdin: false, stdinOnce: false },
        signal,
      );
      const stdio = await parts.runtime.attach(id);
      try {
        await parts.runtime.start(id);
        const output = (async () => {
          for await (const { stream, data } of stdio.output()) await request.onOutput(stream, data);
        })();
        const [exit] = await orAborted(Promise.all([exited.promise, output]), signal);
        return exit;
      } finally {
        stdio.close();
      }
    } finally {
      waiting.delete(id);
    }
  };

  return {
    async run(request) {
      if (request.signal.aborted) throw cancelled("the build was cancelled");
      await using undo = new AsyncDisposableStack();
      const folder = join(parts.folder, request.id);
      await mkdir(folder, { recursive: true, mode: 0o700 });
      undo.defer(() => rm(folder, { recursive: true, force: true }));
      const user = await userOf(request, parts.rootfs);
      await parts.rootfs.makeFolder(request.rootfs, request.cwd || "/", { uid: 0, gid: 0 });
      const secrets = [
        ...(await writeSecrets(request, folder)),
        ...(await relaySockets(request, folder, undo)),
      ];
      const place = await placeOf(request, undo, parts, folder);
      undo.defer(() => parts.runtime.remove(request.id));
      const exit = await process(request, specOf(request, { user, place, secrets }, parts));
      return { exitCode: exit.code };
    },
  };
}
