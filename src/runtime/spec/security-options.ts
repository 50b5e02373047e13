import { invalidParameter } from "../../base/errors.ts";

export interface SecurityOptions {
  readonly noNewPrivileges: boolean;
  /** "unconfined", "builtin", or a profile as JSON text; undefined when nothing was said. */
  readonly seccomp?: string;
  readonly apparmor?: string;
  readonly labels: readonly string[];
  /** Whether the container may write its own control groups; undefined when nothing was said. */
  readonly writableCgroups?: boolean;
}

function flag(value: string | undefined, option: string): boolean {
  if (value === undefined || /^(1|t|true)$/i.test(value)) return true;
  if (/^(0|f|false)$/i.test(value)) return false;
  throw invalidParameter(`invalid --security-opt 2: "${option}"`);
}

/** Docker takes these two words alone here. */
function strictFlag(value: string | undefined, option: string): boolean {
  if (value === undefined || value === "true") return true;
  if (value === "false") return false;
  throw invalidParameter(`invalid --security-opt 2: "${option}"`);
}

/** `--security-opt` as clients send it: "name=value", in old clients "name:value". */
export function securityOptions(list: readonly string[] | null | undefined): SecurityOptions {
  let options: SecurityOptions = { noNewPrivileges: false, labels: [] };
  for (const option of list ?? []) {
    const cut = option.includes("=") ? option.indexOf("=") : option.indexOf(":");
    const name = cut < 0 ? option : option.slice(0, cut);
    const value = cut < 0 ? undefined : option.slice(cut + 1);
    if (name === "no-new-privileges") options = { ...options, noNewPrivileges: flag(value, option) };
    else if (name === "writable-cgroups")
      options = { ...options, writableCgroups: strictFlag(value, option) };
    else if (name === "seccomp" && value) options = { ...options, seccomp: value };
    else if (name === "apparmor" && value) options = { ...options, apparmor: value };
    else if (name === "label" && value) options = { ...options, labels: [...options.labels, value] };
    else throw invalidParameter(`invalid --security-opt 2: "${option}"`);
  }
  return options;
}
