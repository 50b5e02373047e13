import { invalidParameter } from "../../base/errors.ts";
import type { HostConfig } from "./documents.ts";

interface Refusal {
  readonly when: (host: HostConfig) => boolean;
  readonly message: (host: HostConfig) => string;
}

const windowsOnly = (field: keyof HostConfig): Refusal => ({
  when: (host) => Boolean(host[field]),
  message: () => `${field} works on Windows only: leave it out`,
});

/**
 * Every field of HostConfig that has no effect here, refused when it asks for something: nothing is accepted and then
 * silently ignored. ContainerIDFile is written by the client that sent it.
 */
const REFUSALS: readonly Refusal[] = [
  {
    when: (host) => Object.keys(host.StorageOpt ?? {}).some((key) => key !== "size"),
    message: ({ StorageOpt }) =>
      `unknown option ${Object.keys(StorageOpt ?? {}).find((key) => key !== "size")}: --storage-opt takes size`,
  },
  {
    when: (host) => (host.Isolation ?? "") !== "" && host.Isolation !== "default",
    message: (host) => `Invalid isolation: "${host.Isolation}" - linux only supports 'default'`,
  },
  {
    when: (host) => (host.UsernsMode ?? "") !== "" && host.UsernsMode !== "host",
    message: (host) => `invalid user namespace mode: ${host.UsernsMode}`,
  },
  {
    when: (host) => (host.Cgroup ?? "") !== "",
    message: () => "Cgroup is not supported: use CgroupParent or CgroupnsMode",
  },
  {
    when: (host) => Boolean(host.KernelMemory) || Boolean(host.KernelMemoryTCP),
    message: () => "kernel memory limits are no longer supported by the kernel: use Memory",
  },
  windowsOnly("CpuCount"),
  windowsOnly("CpuPercent"),
  windowsOnly("IOMaximumIOps"),
  windowsOnly("IOMaximumBandwidth"),
];

/** Throws invalidParameter for the first field that asks for what is not there. */
export function refuseUnsupported(host: HostConfig): void {
  const refusal = REFUSALS.find(({ when }) => when(host));
  if (refusal) throw invalidParameter(refusal.message(host));
}
