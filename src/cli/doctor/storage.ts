import { dirname } from "node:path";
import { formatBytes } from "../../base/quantities.ts";
import { type Finding, fail, type Group, ok, type Question, unseen, warn } from "./finding.ts";
import { type Machine, textOf } from "./machine.ts";

interface Kind {
  readonly name: string;
  /** Why no overlay can be on it; undefined where it can. */
  readonly refuses?: string;
}

/** statfs(2): f_type, and what overlayfs (kernel Documentation/filesystems/overlayfs.rst) says of it as an upper layer. */
const KINDS: Readonly<Record<number, Kind>> = {
  61267: { name: "ext4" },
  1481003842: { name: "xfs" },
  2435016766: { name: "btrfs" },
  4076150800: { name: "f2fs" },
  16914836: { name: "tmpfs" },
  3393526350: { name: "bcachefs" },
  801189825: { name: "zfs" },
  2035054128: { name: "overlay", refuses: "an overlay cannot hold the upper layers of another" },
  26985: { name: "nfs", refuses: "a network file system cannot hold upper layers" },
  4283649346: { name: "cifs", refuses: "a network file system cannot hold upper layers" },
  1702057286: { name: "fuse", refuses: "most file systems of FUSE cannot hold upper layers" },
  19780: { name: "vfat", refuses: "it keeps neither owners nor permissions" },
};

/** The folder itself, or the nearest one above it that is there. */
function nearest(machine: Machine, path: string): string {
  return machine.exists(path) || path === "/" ? path : nearest(machine, dirname(path));
}

function filesystem(machine: Machine, root: string, place: string): readonly Finding[] {
  const facts = machine.filesystem(place);
  if (!facts) return [unseen("file system", `${place} cannot be asked`)];
  const { name, refuses } = KINDS[facts.type] ?? { name: `type 0x${facts.type.toString(16)}` };
  const kind = refuses
    ? warn("file system", `${name} at ${place}: ${refuses}`, {
        breaks: "the storage driver overlay2; each container gets a copy of all files of its image (vfs)",
        mend: `"data-root": a folder on ext4, xfs or btrfs, in /etc/wharf/daemon.json`,
      })
    : ok("file system", `${name} at ${place}${place === root ? "" : ` (${root} is not made yet)`}`);
  return [kind, space(facts.free, facts.size, place), inodes(facts.freeInodes, facts.inodes, place)];
}

const GIGABYTE = 1e9;

function space(free: number, size: number, place: string): Finding {
  const text = `${formatBytes(free)} of ${formatBytes(size)} free`;
  const words = { breaks: "pulls, builds and whatever containers write", mend: "wharf system prune" };
  if (free < GIGABYTE / 4) return fail("space", `${text} at ${place}`, words);
  return free < 2 * GIGABYTE ? warn("space", `${text} at ${place}`, words) : ok("space", text);
}

function inodes(free: number, all: number, place: string): Finding {
  // btrfs and others have no fixed number.
  if (all === 0) return ok("inodes", "as many as there is room");
  const text = `${free} of ${all} free`;
  const words = {
    breaks: "pulls and builds: each file takes one, however small",
    mend: "wharf system prune",
  };
  if (free < 1000) return fail("inodes", `${text} at ${place}`, words);
  return free < all / 50 ? warn("inodes", `${text} at ${place}`, words) : ok("inodes", text);
}

/** Whether folders tell the kinds of their entries, without which overlayfs cannot hide files. */
async function entryKinds(machine: Machine, place: string): Promise<Finding> {
  const name = "d_type";
  if (machine.filesystem(place)?.type !== 0x58465342) return ok(name, "as always on this file system");
  const info = machine.find("xfs_info");
  const ran = info === undefined ? undefined : await machine.run(info, [place]);
  const ftype = /ftype=(\d)/.exec(ran?.output ?? "")?.[1];
  if (ftype === undefined) return unseen(name, "xfs: xfs_info (xfsprogs) would tell");
  if (ftype === "1") return ok(name, "xfs with ftype=1");
  return fail(name, "xfs was made with ftype=0", {
    breaks: "the storage driver overlay2: removed files would come back",
    mend: "mkfs.xfs -n ftype=1 on another device, and data-root there",
  });
}

function permissions(machine: Machine, root: string): Finding {
  const found = machine.stat(root);
  if (!found) return ok("data root", `${root} is not made yet; the engine makes it at its first start`);
  const mode = (found.mode & 0o7777).toString(8);
  if ((found.mode & 0o022) !== 0) {
    return fail("data root", `${root} may be written by others than its owner (mode ${mode})`, {
      breaks: "safety: whoever writes there becomes root",
      mend: `chmod 711 ${root}`,
    });
  }
  if (found.uid !== 0)
    return warn("data root", `${root} belongs to user ${found.uid}, not root`, {
      breaks: "safety: its owner can change what containers run",
      mend: `chown root:root ${root}`,
    });
  return ok("data root", `${root}, mode ${mode}`);
}

/** Flags of a mount that containers would have to bear. Of several over a path the longest counts, of equal ones the last. */
function mountFlags(machine: Machine, place: string): Finding {
  const lines = (textOf(machine, "/proc/self/mounts") ?? "").split("\n").map((line) => line.split(" "));
  const over = lines.filter(
    ([, target = ""]) => target === "/" || place === target || place.startsWith(`${target}/`),
  );
  const [, target = "/", , options = ""] = over.reduce<string[]>(
    (best, mount) => ((best[1]?.length ?? 0) > (mount[1]?.length ?? 0) ? best : mount),
    [],
  );
  const flags = options.split(",");
  const bad = ["ro", "noexec", "nodev", "nosuid"].filter((flag) => flags.includes(flag));
  if (bad.length === 0) return ok("mount", `${target}, without noexec, nodev or nosuid`);
  const mend = `mount -o remount,${bad.map((flag) => (flag === "ro" ? "rw" : flag.slice(2))).join(",")} ${target}`;
  const serious = bad.includes("ro") || bad.includes("noexec");
  return (serious ? fail : warn)("mount", `${target} is mounted ${bad.join(", ")}`, {
    breaks: serious
      ? "containers: no program of an image can be run from there"
      : "device files and set-user-id programs in images",
    mend,
  });
}

function driverInUse(driver: string): Finding {
  if (driver !== "vfs") return ok("driver", driver);
  return warn("driver", "vfs: each container gets a copy of all files of its image", {
    breaks: "nothing, but starts are slow and take much room",
    mend: '"data-root" on ext4, xfs or btrfs, in /etc/wharf/daemon.json; images are to be pulled anew',
  });
}

export const storage: Group = {
  name: "Storage",
  async run({ machine, dataRoot, driver }: Question) {
    const place = nearest(machine, dataRoot);
    return [
      ...(driver ? [driverInUse(driver)] : []),
      permissions(machine, dataRoot),
      ...filesystem(machine, dataRoot, place),
      await entryKinds(machine, place),
      mountFlags(machine, place),
    ];
  },
};
