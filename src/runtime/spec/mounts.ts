import { invalidParameter } from "../../base/errors.ts";
import type { BindMount, SpecInput } from "./input.ts";
import type { OciMount } from "./oci-spec.ts";
import { securityOptions } from "./security-options.ts";
import { tmpfsOptions } from "./tmpfs-options.ts";

/** Bytes: Docker's /dev/shm. */
const SHM_SIZE = 64 * 1024 * 1024;
export const INIT_PATH = "/sbin/docker-init";

const LOCKED = ["nosuid", "noexec", "nodev"];

function shm({ namespaces, shmFolder, host }: SpecInput): readonly OciMount[] {
  if (host.IpcMode === "none") return [];
  const destination = "/dev/shm";
  const folder = shmFolder ?? (namespaces.ipc === "host" ? "/dev/shm" : undefined);
  if (folder)
    return [{ destination, type: "bind", source: folder, options: ["rbind", "rprivate", ...LOCKED] }];
  const size = host.ShmSize || SHM_SIZE;
  return [{ destination, type: "tmpfs", source: "shm", options: [...LOCKED, "mode=1777", `size=${size}`] }];
}

function defaults(input: SpecInput): readonly OciMount[] {
  const guard = input.host.Privileged ? [] : ["ro"];
  const { writableCgroups = input.host.Privileged } = securityOptions(input.host.SecurityOpt);
  return [
    { destination: "/proc", type: "proc", source: "proc", options: LOCKED },
    {
      destination: "/dev",
      type: "tmpfs",
      source: "tmpfs",
      options: ["nosuid", "strictatime", "mode=755", "size=65536k"],
    },
    {
      destination: "/dev/pts",
      type: "devpts",
      source: "devpts",
      options: ["nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620", "gid=5"],
    },
    { destination: "/sys", type: "sysfs", source: "sysfs", options: [...LOCKED, ...guard] },
    {
      destination: "/sys/fs/cgroup",
      type: "cgroup",
      source: "cgroup",
      options: [...(writableCgroups ? [] : ["ro"]), ...LOCKED],
    },
    // That of its own ipc namespace, or of the host's when it lives there.
    { destination: "/dev/mqueue", type: "mqueue", source: "mqueue", options: LOCKED },
    ...shm(input),
  ];
}

/** Kernels from 5.12 on can make the mounts below a bind read-only as well (mount_setattr(2)). */
function knowsRecursiveReadonly(kernel: string): boolean {
  const [major = 0, minor = 0] = kernel.split(".").map((part) => Number.parseInt(part, 10));
  return major > 5 || (major === 5 && minor >= 12);
}

function readonlyOptions({ nonRecursive, readonlyReach }: BindMount, kernel: string): readonly string[] {
  if (nonRecursive || readonlyReach === "top") return ["ro"];
  if (knowsRecursiveReadonly(kernel)) return ["ro", "rro"];
  if (readonlyReach === "required")
    throw invalidParameter(`recursive read-only mounts need Linux 5.12 or later, this is ${kernel}`);
  return ["ro"];
}

function bind(mount: BindMount, kernel: string): OciMount {
  const { source, destination, readonly, propagation, nonRecursive } = mount;
  const access = readonly ? readonlyOptions(mount, kernel) : ["rw"];
  // crun takes the "r" of a propagation for the bind's own.
  const reach = nonRecursive ? (propagation ?? "private").replace(/^r/, "") : (propagation ?? "rprivate");
  const options = [nonRecursive ? "bind" : "rbind", ...access, reach];
  return { destination, type: "bind", source, options };
}

/** What lxcfs and the like put over files of /proc; runc lets through the same. */
const PROC_FILES: ReadonlySet<string> = new Set(
  [
    ...["cpuinfo", "diskstats", "meminfo", "stat", "swaps", "uptime", "loadavg", "slabinfo", "net/dev"],
    ...["sys/kernel/ns_last_pid", "sys/crypto/fips_enabled"],
  ].map((name) => `/proc/${name}`),
);

/** A mount there would hide what the kernel says, or the engine's own masks; runc refuses it, crun does not. */
function refuseInsideProc(destination: string): void {
  const path = normal(destination);
  if (path.startsWith("/proc/") && !PROC_FILES.has(path))
    throw invalidParameter(`"${path}" cannot be mounted because it is inside /proc`);
}

function wanted({ mounts, host, initBinary, hostInfo }: SpecInput): readonly OciMount[] {
  const tmpfs = Object.entries(host.Tmpfs ?? {}).map(
    ([destination, options]): OciMount => ({
      destination,
      type: "tmpfs",
      source: "tmpfs",
      options: tmpfsOptions(options),
    }),
  );
  const init = initBinary
    ? [{ source: initBinary, destination: INIT_PATH, readonly: true, nonRecursive: true }]
    : [];
  const binds = [...mounts, ...init].map((mount) => bind(mount, hostInfo.kernel));
  for (const { destination } of [...mounts, ...tmpfs]) refuseInsideProc(destination);
  return [...binds, ...tmpfs].sort((a, b) => depth(a.destination) - depth(b.destination));
}

const depth = (path: string): number => path.split("/").filter(Boolean).length;
const normal = (path: string): string => `/${path.split("/").filter(Boolean).join("/")}`;

/** Folders that stay writable on a read-only root: they are the container's own, not the image's. */
const ALWAYS_WRITABLE: ReadonlySet<string> = new Set([
  "/proc",
  "/dev",
  "/dev/pts",
  "/dev/shm",
  "/dev/mqueue",
]);

const readonlyAsRoot = (mount: OciMount): OciMount =>
  ALWAYS_WRITABLE.has(mount.destination) || mount.options?.includes("ro")
    ? mount
    : { ...mount, options: [...(mount.options ?? []), "ro"] };

/** What the container finds mounted: Docker's defaults, where the user's own do not take their place, then those. */
export function mountList(input: SpecInput): readonly OciMount[] {
  const own = wanted(input);
  const taken = new Set(own.map(({ destination }) => normal(destination)));
  const kept = defaults(input).filter(
    ({ destination }) => !taken.has(destination) && !(taken.has("/dev") && destination.startsWith("/dev/")),
  );
  return [...(input.host.ReadonlyRootfs ? kept.map(readonlyAsRoot) : kept), ...own];
}
