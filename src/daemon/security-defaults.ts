import { invalidParameter } from "../base/errors.ts";
import { readRegularFile } from "../base/regular-file.ts";
import type { SpecInput } from "../runtime/index.ts";
import type { Config } from "./config/config.ts";

/** What the administrator asks for every container that does not say otherwise, as security options. */
export function securityDefaults({
  noNewPrivileges,
  seccompProfile,
}: Config["containers"]): readonly string[] {
  return [
    ...(noNewPrivileges ? ["no-new-privileges"] : []),
    ...(seccompProfile === "builtin" ? [] : [`seccomp=${readProfile(seccompProfile)}`]),
  ];
}

function readProfile(profile: string): string {
  if (profile === "unconfined") return profile;
  try {
    return readRegularFile(profile).toString();
  } catch (cause) {
    throw invalidParameter(`cannot read the seccomp profile ${profile}`, cause);
  }
}

const nameOf = (option: string): string => option.split(/[=:]/, 1)[0] ?? "";

/** Adds the defaults to what the container asked for itself; a privileged one has no system call filter. Pure. */
export function withSecurityDefaults(input: SpecInput, defaults: readonly string[]): SpecInput {
  const own = input.host.SecurityOpt ?? [];
  const named = new Set(own.map(nameOf));
  const added = defaults.filter(
    (option) => !named.has(nameOf(option)) && !(input.host.Privileged && nameOf(option) === "seccomp"),
  );
  if (added.length === 0) return input;
  return { ...input, host: { ...input.host, SecurityOpt: [...own, ...added] } };
}
