import { invalidParameter } from "../../base/errors.ts";
import { capabilities, capabilitySets } from "./capabilities.ts";
import { type DeviceLookup, deviceGrant } from "./devices.ts";
import type { SpecInput } from "./input.ts";
import { INIT_PATH, mountList } from "./mounts.ts";
import { namespaceList } from "./namespaces.ts";
import type { OciLinux, OciProcess, OciSpec } from "./oci-spec.ts";
import { protectedPaths } from "./paths.ts";
import { resources } from "./resources.ts";
import { rlimits } from "./rlimits.ts";
import { seccompOf } from "./seccomp/profile.ts";
import { type SecurityOptions, securityOptions } from "./security-options.ts";
import { sysctls } from "./sysctls.ts";
import { tmpfsOptions } from "./tmpfs-options.ts";

/**
 * The OCI spec of a container. Pure, but for the host's devices, which `lookup` finds. Throws invalidParameter for what
 * cannot be given, in Docker's words where it has some.
 */
export function buildSpec(input: SpecInput, lookup: DeviceLookup): OciSpec {
  const { host, namespaces } = input;
  const security = securityOptions(host.SecurityOpt);
  const granted = capabilities(host, input.hostInfo.capabilities);
  return {
    ociVersion: "1.0.2",
    process: processOf(input, security, granted),
    root: { path: input.rootfs, readonly: host.ReadonlyRootfs ?? false },
    ...(namespaces.uts === "new" && { hostname: input.hostname }),
    mounts: mountList(input),
    ...(host.Annotations && { annotations: host.Annotations }),
    linux: linuxOf(input, security, granted, lookup),
  };
}

function processOf(input: SpecInput, security: SecurityOptions, granted: readonly string[]): OciProcess {
  const { consoleSize, host, hostInfo, initBinary, process } = input;
  const limits = rlimits(host.Ulimits, hostInfo);
  return {
    ...(process.Tty && { terminal: true, ...(consoleSize && { consoleSize }) }),
    user: input.user,
    args: initBinary ? [INIT_PATH, "--", ...input.args] : input.args,
    env: input.env,
    cwd: input.cwd,
    capabilities: capabilitySets(granted),
    ...(limits.length > 0 && { rlimits: limits }),
    noNewPrivileges: security.noNewPrivileges,
    ...apparmor(input, security),
    ...oomScore(input),
  };
}

/** No profile of our own is loaded into the kernel, so only one that the user names is set. */
function apparmor({ host, hostInfo }: SpecInput, { apparmor: profile }: SecurityOptions) {
  if (!profile || profile === "unconfined" || host.Privileged) return {};
  if (!hostInfo.apparmor)
    throw invalidParameter("AppArmor is not enabled on this host: leave out --security-opt apparmor");
  return { apparmorProfile: profile };
}

function oomScore({ host: { OomScoreAdj }, hostInfo }: SpecInput) {
  if (!OomScoreAdj) return {};
  if (OomScoreAdj < 0 && !hostInfo.capabilities.has("SYS_RESOURCE")) {
    throw invalidParameter(
      `cannot set the OOM score adjustment to ${OomScoreAdj}: without CAP_SYS_RESOURCE the engine can only raise it`,
    );
  }
  return { oomScoreAdj: OomScoreAdj };
}

function linuxOf(
  input: SpecInput,
  security: SecurityOptions,
  granted: readonly string[],
  lookup: DeviceLookup,
): OciLinux {
  const { host, hostInfo } = input;
  const { devices, rules } = deviceGrant(host, lookup);
  const seccomp = seccompOf(security.seccomp, {
    privileged: host.Privileged ?? false,
    capabilities: granted,
    hostInfo,
  });
  return {
    namespaces: namespaceList(input.namespaces),
    cgroupsPath: input.cgroupPath,
    resources: resources(host, rules, hostInfo, lookup),
    ...(devices.length > 0 && { devices }),
    sysctl: sysctls(input),
    ...protectedPaths(host),
    ...rootPropagation(input),
    ...(seccomp && { seccomp }),
  };
}

/** A mount that shall be seen on both sides needs a root that lets it through. */
function rootPropagation({ mounts, host }: SpecInput): Pick<OciLinux, "rootfsPropagation"> {
  const tmpfs = Object.values(host.Tmpfs ?? {}).flatMap(tmpfsOptions);
  const wanted = [...mounts.map(({ propagation }) => propagation), ...tmpfs];
  const has = (kind: string) => wanted.some((propagation) => propagation?.endsWith(kind));
  if (has("shared")) return { rootfsPropagation: "shared" };
  return has("slave") ? { rootfsPropagation: "slave" } : {};
}
