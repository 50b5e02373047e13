import { invalidParameter } from "../../../base/errors.ts";
import type { HostInfo } from "../input.ts";
import type { OciSeccomp, OciSyscall } from "../oci-spec.ts";
import { DEFAULT_RULES } from "./default-rules.ts";

/** When a rule of a profile counts. Absent parts are no condition. */
export interface Condition {
  readonly caps?: readonly string[] | null;
  /** Go's names: "amd64", "arm64". */
  readonly arches?: readonly string[] | null;
  readonly minKernel?: string;
}

/** A rule of a profile as Docker writes them: an OCI rule with conditions. */
export interface Rule extends OciSyscall {
  readonly includes?: Condition;
  readonly excludes?: Condition;
}

interface Profile {
  readonly defaultAction: string;
  readonly defaultErrnoRet?: number;
  readonly architectures?: readonly string[] | null;
  readonly archMap?:
    | readonly { readonly architecture: string; readonly subArchitectures?: readonly string[] | null }[]
    | null;
  readonly syscalls?: readonly (Rule & { readonly name?: string })[] | null;
}

export interface SeccompContext {
  readonly privileged: boolean;
  /** The container's, with "CAP_". */
  readonly capabilities: readonly string[];
  readonly hostInfo: HostInfo;
}

/** By any name of an architecture: Go's, and libseccomp's with the ones that a 64 bit kernel runs as well. */
const ARCHITECTURES: Readonly<Record<string, { readonly go: string; readonly scmp: readonly string[] }>> = {
  x86_64: { go: "amd64", scmp: ["SCMP_ARCH_X86_64", "SCMP_ARCH_X86", "SCMP_ARCH_X32"] },
  aarch64: { go: "arm64", scmp: ["SCMP_ARCH_AARCH64", "SCMP_ARCH_ARM"] },
  riscv64: { go: "riscv64", scmp: ["SCMP_ARCH_RISCV64"] },
  s390x: { go: "s390x", scmp: ["SCMP_ARCH_S390X", "SCMP_ARCH_S390"] },
  ppc64le: { go: "ppc64le", scmp: ["SCMP_ARCH_PPC64LE"] },
};
const ALIASES: Readonly<Record<string, string>> = {
  amd64: "x86_64",
  x64: "x86_64",
  arm64: "aarch64",
  ppc64: "ppc64le",
};

const architectureOf = (name: string) => ARCHITECTURES[ALIASES[name] ?? name];

function kernelAtLeast(kernel: string, least: string): boolean {
  const [wantMajor = 0, wantMinor = 0] = least.split(".").map(Number);
  const [major = 0, minor = 0] = kernel.split(".").map((part) => Number.parseInt(part, 10));
  return major > wantMajor || (major === wantMajor && minor >= wantMinor);
}

/** All parts must hold for `includes`. */
function included({ caps, arches, minKernel }: Condition, context: SeccompContext): boolean {
  const go = architectureOf(context.hostInfo.architecture)?.go ?? context.hostInfo.architecture;
  if (arches?.length && !arches.includes(go)) return false;
  if (caps?.some((cap) => !context.capabilities.includes(cap))) return false;
  return !minKernel || kernelAtLeast(context.hostInfo.kernel, minKernel);
}

/** Any part is enough for `excludes`. */
function excluded({ caps, arches, minKernel }: Condition, context: SeccompContext): boolean {
  const go = architectureOf(context.hostInfo.architecture)?.go ?? context.hostInfo.architecture;
  if (arches?.includes(go)) return true;
  if (caps?.some((cap) => context.capabilities.includes(cap))) return true;
  return minKernel ? kernelAtLeast(context.hostInfo.kernel, minKernel) : false;
}

const applies = ({ includes = {}, excludes }: Rule, context: SeccompContext): boolean =>
  included(includes, context) && !(excludes && excluded(excludes, context));

function plain({ name, names, action, errnoRet, args }: Rule & { readonly name?: string }): OciSyscall {
  if (name && names?.length) throw ambiguous("name", "names");
  return {
    names: names?.length ? names : name ? [name] : [],
    action,
    ...(errnoRet !== undefined && { errnoRet }),
    ...(args?.length && { args }),
  };
}

/** Docker's words. */
const ambiguous = (one: string, other: string) =>
  invalidParameter(
    `both '${one}' and '${other}' are specified in the seccomp profile, use either '${one}' or '${other}'`,
  );

function resolve(profile: Profile, context: SeccompContext): OciSeccomp {
  if (profile.architectures?.length && profile.archMap?.length) throw ambiguous("architectures", "archMap");
  const native = architectureOf(context.hostInfo.architecture)?.scmp ?? [];
  const mapped = profile.archMap?.find(({ architecture }) => architecture === native[0]);
  const architectures = profile.architectures?.length
    ? profile.architectures
    : mapped
      ? [mapped.architecture, ...(mapped.subArchitectures ?? [])]
      : native;
  return {
    defaultAction: profile.defaultAction,
    ...(profile.defaultErrnoRet !== undefined && { defaultErrnoRet: profile.defaultErrnoRet }),
    ...(architectures.length > 0 && { architectures }),
    syscalls: (profile.syscalls ?? []).filter((rule) => applies(rule, context)).map(plain),
  };
}

const EPERM = 1;
const BUILTIN: Profile = { defaultAction: "SCMP_ACT_ERRNO", defaultErrnoRet: EPERM, syscalls: DEFAULT_RULES };

function parse(text: string): Profile {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === "object" && value !== null && "defaultAction" in value) return value as Profile;
  } catch (error) {
    throw invalidParameter(`Decoding seccomp profile failed: ${(error as Error).message}`, error);
  }
  throw invalidParameter("Decoding seccomp profile failed: it has no defaultAction");
}

/**
 * The filter for `--security-opt seccomp=...`: "unconfined", "builtin", or a profile's JSON (Docker's format or OCI's).
 * Undefined for none: for privileged containers, and on kernels without seccomp.
 */
export function seccompOf(option: string | undefined, context: SeccompContext): OciSeccomp | undefined {
  if (option === "unconfined") return undefined;
  const own = option !== undefined && option !== "builtin";
  if (!context.hostInfo.seccomp) {
    if (own)
      throw invalidParameter("seccomp is not enabled in your kernel, cannot run a custom seccomp profile");
    return undefined;
  }
  if (own) return resolve(parse(option), context);
  return context.privileged ? undefined : resolve(BUILTIN, context);
}
