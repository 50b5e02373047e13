/** The parts of config.json that we write: https://github.com/opencontainers/runtime-spec, version 1.0.2. */
export interface OciSpec {
  readonly ociVersion: string;
  readonly process?: OciProcess;
  readonly root: { readonly path: string; readonly readonly?: boolean };
  readonly hostname?: string;
  readonly domainname?: string;
  readonly mounts?: readonly OciMount[];
  readonly annotations?: Readonly<Record<string, string>>;
  readonly hooks?: OciHooks;
  readonly linux?: OciLinux;
}

/** By the moments of a container's life: "createContainer", "poststop", ... */
export type OciHooks = Readonly<Record<string, readonly OciHook[]>>;

export interface OciHook {
  readonly path: string;
  readonly args?: readonly string[];
  readonly env?: readonly string[];
  /** Seconds. */
  readonly timeout?: number;
}

export interface OciProcess {
  readonly terminal?: boolean;
  /** Characters; only with a terminal. */
  readonly consoleSize?: { readonly height: number; readonly width: number };
  readonly user: OciUser;
  readonly args: readonly string[];
  readonly env: readonly string[];
  readonly cwd: string;
  readonly capabilities?: OciCapabilities;
  readonly rlimits?: readonly OciRlimit[];
  readonly noNewPrivileges?: boolean;
  readonly apparmorProfile?: string;
  readonly oomScoreAdj?: number;
  readonly selinuxLabel?: string;
}

export interface OciUser {
  readonly uid: number;
  readonly gid: number;
  readonly additionalGids?: readonly number[];
}

/** Names with "CAP_". */
export interface OciCapabilities {
  readonly bounding: readonly string[];
  readonly effective: readonly string[];
  readonly inheritable?: readonly string[];
  readonly permitted: readonly string[];
  readonly ambient?: readonly string[];
}

/** Up to 2^64 - 1, "unlimited", which is beyond a number. */
export interface OciRlimit {
  /** "RLIMIT_NOFILE", ... */
  readonly type: string;
  readonly soft: bigint;
  readonly hard: bigint;
}

export interface OciMount {
  readonly destination: string;
  readonly type?: string;
  readonly source?: string;
  readonly options?: readonly string[];
}

export type OciNamespaceType = "pid" | "network" | "ipc" | "uts" | "mount" | "cgroup" | "user";
export interface OciNamespace {
  readonly type: OciNamespaceType;
  readonly path?: string;
}

export interface OciLinux {
  readonly namespaces: readonly OciNamespace[];
  readonly cgroupsPath?: string;
  readonly resources?: OciResources;
  readonly devices?: readonly OciDevice[];
  readonly sysctl?: Readonly<Record<string, string>>;
  readonly maskedPaths?: readonly string[];
  readonly readonlyPaths?: readonly string[];
  readonly rootfsPropagation?: "private" | "shared" | "slave" | "unbindable";
  readonly seccomp?: OciSeccomp;
  readonly mountLabel?: string;
}

export interface OciDevice {
  readonly path: string;
  /** "c" character, "b" block, "p" fifo. */
  readonly type: "c" | "b" | "p";
  readonly major: number;
  readonly minor: number;
  readonly fileMode?: number;
  readonly uid?: number;
  readonly gid?: number;
}

export interface OciDeviceRule {
  readonly allow: boolean;
  readonly type?: "a" | "c" | "b";
  readonly major?: number;
  readonly minor?: number;
  /** Of "r", "w", "m". */
  readonly access?: string;
}

export interface OciResources {
  readonly devices?: readonly OciDeviceRule[];
  readonly memory?: {
    readonly limit?: number;
    readonly reservation?: number;
    /** Memory and swap together; -1 for no limit. */
    readonly swap?: number;
    readonly swappiness?: number;
    readonly disableOOMKiller?: boolean;
  };
  readonly cpu?: {
    readonly shares?: number;
    /** Microseconds per period. */
    readonly quota?: number;
    readonly period?: number;
    readonly realtimeRuntime?: number;
    readonly realtimePeriod?: number;
    readonly cpus?: string;
    readonly mems?: string;
  };
  readonly pids?: { readonly limit: number };
  readonly blockIO?: {
    readonly weight?: number;
    readonly weightDevice?: readonly (OciDeviceNumber & { readonly weight: number })[];
    readonly throttleReadBpsDevice?: readonly OciThrottle[];
    readonly throttleWriteBpsDevice?: readonly OciThrottle[];
    readonly throttleReadIOPSDevice?: readonly OciThrottle[];
    readonly throttleWriteIOPSDevice?: readonly OciThrottle[];
  };
}

export interface OciDeviceNumber {
  readonly major: number;
  readonly minor: number;
}
export type OciThrottle = OciDeviceNumber & { readonly rate: number };

export interface OciSeccomp {
  /** "SCMP_ACT_ERRNO", ... */
  readonly defaultAction: string;
  readonly defaultErrnoRet?: number;
  readonly architectures?: readonly string[];
  readonly syscalls?: readonly OciSyscall[];
}

export interface OciSyscall {
  readonly names: readonly string[];
  readonly action: string;
  readonly errnoRet?: number;
  readonly args?: readonly {
    readonly index: number;
    readonly value: number;
    readonly valueTwo?: number;
    readonly op: string;
  }[];
}

/** TypeScript's library does not know this part of JSON yet. */
const exact = JSON as typeof JSON & { rawJSON(text: string): unknown };

/** The text of config.json. Integers beyond a double's precision stay exact. */
export function serializeSpec(value: OciSpec | OciProcess): string {
  return JSON.stringify(value, (_key, item: unknown) =>
    typeof item === "bigint" ? exact.rawJSON(item.toString()) : item,
  );
}
