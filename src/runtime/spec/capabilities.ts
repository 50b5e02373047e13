import { invalidParameter } from "../../base/errors.ts";
import type { OciCapabilities } from "./oci-spec.ts";

/** capabilities(7), in the kernel's order. */
export const ALL_CAPABILITIES: readonly string[] = [
  "CHOWN",
  "DAC_OVERRIDE",
  "DAC_READ_SEARCH",
  "FOWNER",
  "FSETID",
  "KILL",
  "SETGID",
  "SETUID",
  "SETPCAP",
  "LINUX_IMMUTABLE",
  "NET_BIND_SERVICE",
  "NET_BROADCAST",
  "NET_ADMIN",
  "NET_RAW",
  "IPC_LOCK",
  "IPC_OWNER",
  "SYS_MODULE",
  "SYS_RAWIO",
  "SYS_CHROOT",
  "SYS_PTRACE",
  "SYS_PACCT",
  "SYS_ADMIN",
  "SYS_BOOT",
  "SYS_NICE",
  "SYS_RESOURCE",
  "SYS_TIME",
  "SYS_TTY_CONFIG",
  "MKNOD",
  "LEASE",
  "AUDIT_WRITE",
  "AUDIT_CONTROL",
  "SETFCAP",
  "MAC_OVERRIDE",
  "MAC_ADMIN",
  "SYSLOG",
  "WAKE_ALARM",
  "BLOCK_SUSPEND",
  "AUDIT_READ",
  "PERFMON",
  "BPF",
  "CHECKPOINT_RESTORE",
];

/** What Docker gives when nobody says otherwise. */
const DEFAULT_CAPABILITIES: readonly string[] = [
  "CHOWN",
  "DAC_OVERRIDE",
  "FSETID",
  "FOWNER",
  "MKNOD",
  "NET_RAW",
  "SETGID",
  "SETUID",
  "SETFCAP",
  "SETPCAP",
  "NET_BIND_SERVICE",
  "SYS_CHROOT",
  "KILL",
  "AUDIT_WRITE",
];

export interface CapabilityWishes {
  readonly CapAdd?: readonly string[] | null;
  readonly CapDrop?: readonly string[] | null;
  readonly Privileged?: boolean;
}

function namesIn(list: readonly string[] | null | undefined, field: string): ReadonlySet<string> {
  return new Set(
    (list ?? []).map((text) => {
      const name = text.toUpperCase().replace(/^CAP_/, "");
      if (name === "ALL" || ALL_CAPABILITIES.includes(name)) return name;
      throw invalidParameter(`invalid ${field}: unknown capability: "CAP_${name}"`);
    }),
  );
}

function wanted({ CapAdd, CapDrop, Privileged }: CapabilityWishes): readonly string[] {
  if (Privileged) return ALL_CAPABILITIES;
  const add = namesIn(CapAdd, "CapAdd");
  const drop = namesIn(CapDrop, "CapDrop");
  const base = add.has("ALL") ? ALL_CAPABILITIES : drop.has("ALL") ? [] : DEFAULT_CAPABILITIES;
  const kept = base.filter((name) => !drop.has(name));
  // An added capability stays even when it is dropped too, as in Docker, except beside "ALL".
  const added = add.has("ALL")
    ? []
    : ALL_CAPABILITIES.filter((name) => add.has(name) && !kept.includes(name));
  return [...kept, ...added];
}

/**
 * Capabilities with "CAP_". Those that the engine does not have itself are left out without a word: it could not give
 * them, and a runtime that is asked to fails for `--privileged` on every host that restricts its engine.
 */
export function capabilities(wishes: CapabilityWishes, own: ReadonlySet<string>): readonly string[] {
  return wanted(wishes)
    .filter((name) => own.has(name))
    .map((name) => `CAP_${name}`);
}

/** Not inheritable and not ambient: a program of a user other than root gets none by exec, as in Docker. */
export const capabilitySets = (names: readonly string[]): OciCapabilities => ({
  bounding: names,
  effective: names,
  permitted: names,
});
