import { presenceOf, presenceWords } from "./feature.ts";
import { type Finding, fail, type Group, isOlder, ok, unseen, versionIn, warn } from "./finding.ts";
import { type Machine, textOf } from "./machine.ts";

/** openat2(2), by which files of containers are reached. */
const NEEDED = [5, 6];
/** mount_setattr(2): mounts of running containers, binds that are read-only with all below them. */
const WANTED = [5, 12];

function version({ release }: Machine): Finding {
  const numbers = versionIn(release) ?? [0];
  const mend = "install a newer kernel of the distribution (apt full-upgrade), then restart";
  if (isOlder(numbers, NEEDED)) {
    return fail("version", `Linux ${release} is older than 5.6`, {
      breaks: "the engine: it reaches the files of containers by openat2(2), which came with 5.6",
      mend,
    });
  }
  if (isOlder(numbers, WANTED)) {
    return warn("version", `Linux ${release} is older than 5.12`, {
      breaks: "mounts into running containers (wharf mount add), and read-only binds with mounts below them",
      mend,
    });
  }
  return ok("version", `Linux ${release}`);
}

const processor = ({ arch }: Machine): Finding =>
  ["x64", "arm64"].includes(arch)
    ? ok("processor", arch)
    : warn("processor", `${arch} has not been tried`, {
        breaks: "nothing that is known",
        mend: "tell how it went",
      });

const NAMESPACES = ["mnt", "net", "pid", "ipc", "uts"];

function namespaces({ exists }: Machine): Finding {
  const missing = NAMESPACES.filter((name) => !exists(`/proc/self/ns/${name}`));
  if (missing.length > 0) {
    return fail("namespaces", `the kernel has no namespaces of: ${missing.join(", ")}`, {
      breaks: "every container",
      mend: "boot a kernel with CONFIG_NAMESPACES and all below it",
    });
  }
  const further = ["user", "cgroup", "time"].filter((name) => exists(`/proc/self/ns/${name}`));
  return ok("namespaces", [...NAMESPACES, ...further].join(" "));
}

function userNamespaces(machine: Machine): Finding {
  const name = "user namespaces";
  const most = textOf(machine, "/proc/sys/user/max_user_namespaces");
  if (most === undefined)
    return warn(name, "not in the kernel", {
      breaks: "containers that make user namespaces themselves",
      mend: "boot a kernel with CONFIG_USER_NS",
    });
  if (most === "0") {
    return warn(name, "switched off (user.max_user_namespaces is 0)", {
      breaks: "containers that make user namespaces themselves (browsers, builders without root)",
      mend: "sysctl -w user.max_user_namespaces=15000",
    });
  }
  return ok(name, `at most ${most}`);
}

function overlay(machine: Machine): Finding {
  const there = /\boverlay$/m.test(textOf(machine, "/proc/filesystems") ?? "");
  const presence = there ? "loaded" : presenceOf(machine, "OVERLAY_FS", "overlay");
  if (presence === "absent") {
    return warn("overlayfs", "the kernel does not have it", {
      breaks:
        "nothing, but each container gets a copy of all files of its image (storage driver vfs): slow, and large",
      mend: "boot a kernel with CONFIG_OVERLAY_FS, or keep the data root on btrfs",
    });
  }
  if (presence === "unknown") return unseen("overlayfs", presenceWords(presence));
  return ok("overlayfs", presenceWords(presence));
}

function seccomp(machine: Machine): Finding {
  const status = textOf(machine, "/proc/self/status") ?? "";
  if (/^Seccomp:/m.test(status)) return ok("seccomp", "in the kernel");
  return warn("seccomp", "the kernel does not have it", {
    breaks: "the filter that keeps containers from dangerous system calls",
    mend: "boot a kernel with CONFIG_SECCOMP_FILTER",
  });
}

/** Which module of access control watches, where one does. */
function accessControl(machine: Machine): Finding {
  const name = "AppArmor, SELinux";
  if (textOf(machine, "/sys/module/apparmor/parameters/enabled") === "Y")
    return ok(name, "AppArmor watches; containers run without a profile of their own");
  const enforce = textOf(machine, "/sys/fs/selinux/enforce");
  if (enforce === "1") {
    return warn(name, "SELinux is enforcing, and this engine does not label files", {
      breaks: "binds: processes of a container may be refused files of the host",
      mend: "chcon -Rt container_file_t FOLDER, for each folder that is mounted into containers",
    });
  }
  return ok(name, enforce === undefined ? "none" : "SELinux only reports");
}

function fuse(machine: Machine): Finding {
  const there = machine.exists("/dev/fuse");
  return ok(
    "fuse",
    there ? "/dev/fuse is there" : "no /dev/fuse; only programs in containers that mount with it need it",
  );
}

/** What the kernel itself must have. */
export const kernel: Group = {
  name: "Kernel",
  run: ({ machine }) => [
    version(machine),
    processor(machine),
    namespaces(machine),
    userNamespaces(machine),
    overlay(machine),
    seccomp(machine),
    accessControl(machine),
    fuse(machine),
  ],
};
